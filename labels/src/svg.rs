//! A picture as SVG, in millimetres.

use std::fmt::Write;

use crate::drawing::Drawing;

/// Writes the picture on a white ground; all rectangles are one path.
pub(crate) fn write(drawing: &Drawing) -> String {
    let Drawing {
        width,
        height,
        rects,
        words,
    } = drawing;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}mm\" height=\"{height}mm\" \
         viewBox=\"0 0 {width} {height}\" shape-rendering=\"crispEdges\">\
         <path fill=\"#fff\" d=\"M0 0h{width}v{height}H0z\"/><path d=\""
    );
    // Writing to a String can't fail.
    for rect in rects {
        let _ = write!(
            svg,
            "M{:.3} {:.3}h{:.3}v{:.3}h-{:.3}z",
            rect.x, rect.y, rect.width, rect.height, rect.width
        );
    }
    svg.push_str("\"/>");
    for line in words {
        let _ = write!(
            svg,
            "<text x=\"{:.3}\" y=\"{:.3}\" font-size=\"{:.3}\" font-family=\"{}\" font-weight=\"bold\">{}</text>",
            line.x,
            line.baseline,
            line.size,
            line.face.css(),
            escaped(&line.text)
        );
    }
    svg.push_str("</svg>\n");
    svg
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
