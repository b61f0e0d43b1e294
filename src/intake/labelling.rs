//! Labels on paper: for codes that exist, and blank ones for a shelf of pre-printed sheets.

use chrono::{DateTime, Utc};
use entities::device_code;
use entities::enums::CodeState;
use labels::Code;
use labels::sheet::{self, LabelContent, Stock};
use schemars::JsonSchema;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::Deserialize;
use validator::Validate;

use crate::access::{Actor, Permission};
use crate::app::App;
use crate::devices;
use crate::error::{Error, FieldError, Result};

/// Most labels of one print: ten sheets of the smallest stock.
pub(crate) const MOST_LABELS: usize = 800;

/// What to print, and on what.
#[derive(Clone, Debug, Default, Deserialize, Validate, JsonSchema)]
pub(crate) struct LabelsInput {
    /// Codes to print, again or for the first time.
    #[serde(default)]
    pub(crate) codes: Vec<String>,
    /// How many blank labels to make.
    #[validate(range(min = 1, max = 800, message = "Entre 1 et 800 étiquettes."))]
    pub(crate) blank: Option<u32>,
    /// `device`, the only layout so far.
    pub(crate) layout: Option<String>,
    /// The maker's number of the sheet.
    pub(crate) stock: Option<String>,
    /// First label to use on the first sheet, from 1.
    pub(crate) start_at: Option<u32>,
    /// `pdf`; `svg`, a picture of one label or of one sheet; `zpl`, for a thermal printer of 203 dpi.
    pub(crate) format: Option<String>,
    /// Moves everything right, in millimetres: for a printer that feeds askew.
    #[validate(range(min = -10.0, max = 10.0, message = "Entre −10 et 10 mm."))]
    pub(crate) offset_x_mm: Option<f32>,
    /// Moves everything down, in millimetres.
    #[validate(range(min = -10.0, max = 10.0, message = "Entre −10 et 10 mm."))]
    pub(crate) offset_y_mm: Option<f32>,
}

/// How a sheet is printed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sheet {
    /// The stock.
    pub(crate) stock: &'static Stock,
    /// First label, from 1.
    pub(crate) start_at: usize,
    /// Millimetres to the right and down.
    pub(crate) offset_mm: (f32, f32),
}

/// What labels are written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// Sheets.
    Pdf,
    /// One label or one sheet as a picture.
    Svg,
    /// For a thermal printer, a label at a time.
    Zpl,
}

/// Labels as they were printed.
#[derive(Debug)]
pub(crate) struct Printed {
    /// The file.
    pub(crate) bytes: Vec<u8>,
    /// What it is.
    pub(crate) format: Format,
}

/// Decides how to print, or names every fault.
pub(crate) fn plan(input: &LabelsInput) -> Result<(Sheet, Format)> {
    let mut faults = Vec::new();
    let mut fault =
        |field: &str, words: String| faults.push(FieldError::new(format!("#/{field}"), words));
    let stock = match input.stock.as_deref() {
        None => Stock::all().first(),
        Some(name) => Stock::find(name),
    };
    let Some(stock) = stock else {
        let names: Vec<&str> = Stock::all().iter().map(|s| s.name).collect();
        fault(
            "stock",
            format!("Planche inconnue. Attendu : {}.", names.join(", ")),
        );
        return Err(Error::Invalid(faults));
    };
    let start_at = usize::try_from(input.start_at.unwrap_or(1)).map_err(Error::internal)?;
    if !(1..=stock.per_sheet()).contains(&start_at) {
        fault(
            "start_at",
            format!("Entre 1 et {} sur cette planche.", stock.per_sheet()),
        );
    }
    if input.layout.as_deref().is_some_and(|l| l != "device") {
        fault(
            "layout",
            "Seule la présentation « device » existe.".to_owned(),
        );
    }
    let format = match input.format.as_deref() {
        None | Some("pdf") => Format::Pdf,
        Some("svg") => Format::Svg,
        Some("zpl") => Format::Zpl,
        Some("png") => {
            fault(
                "format",
                "Le PNG n’est pas proposé : demandez un SVG, qui s’imprime à la bonne taille."
                    .to_owned(),
            );
            Format::Svg
        }
        Some(_) => {
            fault("format", "Formats possibles : pdf, svg, zpl.".to_owned());
            Format::Pdf
        }
    };
    let wanted = input.blank.map_or(input.codes.len(), |n| n as usize);
    if input.codes.is_empty() == input.blank.is_none() {
        fault(
            "codes",
            "Donnez des codes, ou un nombre d’étiquettes vierges.".to_owned(),
        );
    } else if wanted > MOST_LABELS {
        fault(
            "codes",
            format!("Au plus {MOST_LABELS} étiquettes à la fois."),
        );
    } else if format == Format::Svg && wanted > 1 && start_at + wanted > stock.per_sheet() + 1 {
        fault(
            "format",
            format!(
                "Le SVG tient sur une seule planche, de {} étiquettes ; demandez un PDF.",
                stock.per_sheet()
            ),
        );
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let offset_mm = (
        input.offset_x_mm.unwrap_or(0.0),
        input.offset_y_mm.unwrap_or(0.0),
    );
    Ok((
        Sheet {
            stock,
            start_at,
            offset_mm,
        },
        format,
    ))
}

/// Prints labels: existing codes, or as many blank ones as asked for, drawn now.
pub(crate) async fn print(app: &App, actor: &Actor, input: &LabelsInput) -> Result<Printed> {
    actor.require(Permission::PrintLabels)?;
    let (sheet, format) = plan(input)?;
    let codes = match input.blank {
        Some(count) => draw_blank(app, actor, count).await?,
        None => existing(app, &input.codes).await?,
    };
    write(app, codes, sheet, format).await
}

/// Reserves blank codes that nothing carries yet.
pub(crate) async fn draw_blank(app: &App, actor: &Actor, count: u32) -> Result<Vec<Code>> {
    actor.require(Permission::PrintLabels)?;
    let now: DateTime<Utc> = app.clock.now();
    let tx = app.db.write().await?;
    let mut codes = Vec::new();
    for _ in 0..count {
        codes.push(devices::steps::draw_code(&tx, &app.chance, now).await?);
    }
    tx.commit().await?;
    Ok(codes)
}

/// Reads codes that were typed or scanned; each must have been drawn, and not have been replaced.
///
/// # Errors
/// [`Error::WrongCheckCharacter`], [`Error::UnknownCode`], or a field error for a code that was replaced.
pub(crate) async fn existing(app: &App, typed: &[String]) -> Result<Vec<Code>> {
    let codes = typed
        .iter()
        .map(|text| devices::store::read_code(text))
        .collect::<Result<Vec<_>>>()?;
    let rows = device_code::Entity::find()
        .filter(device_code::Column::Code.is_in(codes.iter().map(Code::as_str)))
        .all(app.db.read())
        .await?;
    for (n, code) in codes.iter().enumerate() {
        let row = rows.iter().find(|row| row.code == code.as_str());
        match row.map(|row| row.state) {
            None => return Err(Error::UnknownCode),
            Some(CodeState::Retired) => {
                return Err(Error::field(
                    format!("#/codes/{n}"),
                    format!("{code} a été remplacé par une autre étiquette."),
                ));
            }
            Some(CodeState::Blank | CodeState::Live) => {}
        }
    }
    Ok(codes)
}

/// Draws the sheets, away from the threads that answer.
pub(crate) async fn write(
    app: &App,
    codes: Vec<Code>,
    sheet: Sheet,
    format: Format,
) -> Result<Printed> {
    let base_url = app.config.server.base_url.clone();
    let work = move || {
        let contents: Vec<LabelContent> = codes
            .into_iter()
            .map(|code| LabelContent {
                url: format!("{base_url}/p/{}", code.as_str()),
                code,
            })
            .collect();
        match (format, contents.as_slice()) {
            (Format::Svg, [content]) => {
                labels::label::svg(content, sheet.stock).map(String::into_bytes)
            }
            (Format::Svg, many) => sheet::svg(many, sheet.stock, sheet.start_at, sheet.offset_mm)
                .map(String::into_bytes),
            (Format::Zpl, all) => labels::label::zpl(all, sheet.stock).map(String::into_bytes),
            (Format::Pdf, all) => sheet::pdf(all, sheet.stock, sheet.start_at, sheet.offset_mm),
        }
    };
    let bytes = tokio::task::spawn_blocking(work)
        .await
        .map_err(Error::internal)?
        .map_err(Error::internal)?;
    Ok(Printed { bytes, format })
}

/// The calibration sheet of a stock.
pub(crate) async fn calibration(sheet: Sheet) -> Result<Printed> {
    let bytes =
        tokio::task::spawn_blocking(move || sheet::calibration(sheet.stock, sheet.offset_mm))
            .await
            .map_err(Error::internal)?
            .map_err(Error::internal)?;
    Ok(Printed {
        bytes,
        format: Format::Pdf,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::needless_pass_by_value, reason = "the caller is done with it")]
    fn faulty(input: LabelsInput) -> Vec<String> {
        match plan(&input) {
            Err(Error::Invalid(faults)) => faults.into_iter().map(|f| f.pointer).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_cannot_be_printed_is_said_beside_its_field() {
        let blank = |n| LabelsInput {
            blank: Some(n),
            ..LabelsInput::default()
        };
        assert_eq!(plan(&blank(40)).unwrap().0.stock.name, "L7651");
        for format in ["png", "ZPL", "PDF"] {
            let input = LabelsInput {
                format: Some(format.into()),
                ..blank(1)
            };
            assert_eq!(faulty(input), ["#/format"], "{format}");
        }
        let svg = Some("svg".to_owned());
        assert_eq!(
            faulty(LabelsInput {
                format: svg.clone(),
                ..blank(66)
            }),
            ["#/format"]
        );
        assert_eq!(
            plan(&LabelsInput {
                format: svg,
                ..blank(1)
            })
            .unwrap()
            .1,
            Format::Svg
        );
        assert_eq!(
            faulty(LabelsInput {
                stock: Some("L0000".into()),
                ..blank(1)
            }),
            ["#/stock"]
        );
        assert_eq!(
            faulty(LabelsInput {
                start_at: Some(66),
                ..blank(1)
            }),
            ["#/start_at"]
        );
        assert_eq!(
            faulty(LabelsInput {
                start_at: Some(0),
                ..blank(1)
            }),
            ["#/start_at"]
        );
        assert_eq!(
            faulty(LabelsInput {
                layout: Some("round".into()),
                ..blank(1)
            }),
            ["#/layout"]
        );
        assert_eq!(faulty(LabelsInput::default()), ["#/codes"]);
        let both = LabelsInput {
            codes: vec!["7KD3BX0R".into()],
            ..blank(1)
        };
        assert_eq!(faulty(both), ["#/codes"]);
    }
}
