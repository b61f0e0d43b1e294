//! Papers: receipts, certificates and letters, as PDF on A4.
//!
//! A [`Paper`] says what is written, not where: a title, who issues it, and blocks from top to bottom. Every
//! domain that hands something out on paper builds one and calls [`pdf`]. Fonts are embedded and cover Latin,
//! Cyrillic and Arabic; what is in the machine's own fonts never matters, nor does the time of day, so the same
//! paper always gives the same bytes. The text is tagged for screen readers: headings, tables, figures,
//! language.
//!
//! Words are the caller's: this module knows none, and translates none.

mod blocks;
mod draw;
mod flow;
mod outline;
mod page;
mod table;
mod text;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;

/// One document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Paper {
    /// The heading of the first page, and the name of the document in a reader's window.
    pub title: String,
    /// Language of the text as in HTML: `fr`, `ar`, `uk`. Arabic is laid out from right to left.
    pub lang: String,
    /// Who issues it: the name, then lines of address or contact. Stands at the top of the first page.
    pub issuer: Vec<String>,
    /// Small text at the foot of every page, beside the page number.
    pub footer: String,
    /// The content, from top to bottom.
    pub blocks: Vec<Block>,
}

/// A piece of a [`Paper`].
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    /// The addressee, one line each, where the window of a French DL or C5 envelope shows it. Begins a page;
    /// the title comes after it.
    AddressWindow(Vec<String>),
    /// Place and date, or "Objet" and references, at the far side of the line.
    Dateline(String),
    /// The heading of a section; never alone at the foot of a page.
    Heading(String),
    /// Running text; a line break in it is kept.
    Paragraph(String),
    /// Rows under a head that is repeated on each page.
    Table {
        /// The names of the columns.
        head: Vec<String>,
        /// The cells of each row; a missing one is left empty.
        rows: Vec<Vec<String>>,
        /// How wide the columns are beside each other; 1 where nothing is said.
        widths: Vec<f32>,
    },
    /// Facts: what it is, and its value.
    KeyValues(Vec<(String, String)>),
    /// Something to copy or to say aloud, large and in spaced figures: a pickup code, a device code.
    Code {
        /// What it is.
        caption: String,
        /// The code itself.
        value: String,
    },
    /// A QR symbol with words beside it.
    Qr {
        /// What the symbol holds, as it is: an address, in most cases.
        data: String,
        /// What it is for. Somebody who can't scan must find the address here too.
        caption: String,
    },
    /// Empty space, in millimetres.
    Space(f32),
    /// Small print: legal mentions.
    Fine(String),
}

/// Why a paper could not be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The data of a QR block has more characters than a symbol takes.
    #[error("the text of the QR symbol is too long")]
    QrTooLong,
    /// The PDF writer refused.
    #[error("the document could not be written: {0}")]
    Writing(String),
}

/// Writes the paper as PDF.
pub fn pdf(paper: &Paper) -> Result<Vec<u8>, Error> {
    draw::write(paper, &flow::compose(paper)?)
}
