//! What can go wrong when labels are printed.

/// Why a label or a sheet could not be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LabelError {
    /// No label was asked for; a PDF has at least one page.
    #[error("there is no label to print")]
    NothingToPrint,
    /// The first label would be outside the sheet.
    #[error("the sheet has {per_sheet} labels; it can't start at label {start_at}")]
    StartOutsideSheet {
        /// The place that was asked for, counted from 1.
        start_at: usize,
        /// How many labels one sheet has.
        per_sheet: usize,
    },
    /// A picture is one sheet.
    #[error("a picture has one sheet, and the labels need {0}")]
    MoreThanOneSheet(usize),
    /// The address or the data has more characters than a QR symbol takes.
    #[error("the text is too long for a QR symbol")]
    TooLong,
    /// The symbols don't fit on the label with their quiet zones at a size that scanners read.
    #[error("a label of {0} is too small for its symbols")]
    TooSmall(String),
    /// The embedded font can't write the text, or the PDF writer refused.
    #[error("the page could not be written: {0}")]
    Writing(String),
}
