//! Labels: codes printed again, blank sheets for the shelf, and the sheet that shows whether a printer is straight.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use labels::sheet::Stock;
use serde::Deserialize;
use validator::Validate;

use crate::access::{self, Actor};
use crate::app::App;
use crate::error::{Error, FieldError, Result};
use crate::intake::labelling::{self, Format, LabelsInput, Sheet};
use crate::intake::words;
use crate::web::frame::Choice;
use crate::web::page::{form_status, page_with, see_other_saying};
use crate::web::{Flash, Form, FormState, Frame, PageResult, Query, Visit, page};

/// What is asked of a printer, as it was typed.
#[derive(Clone, Debug, Default, Deserialize, Validate)]
pub(super) struct SheetForm {
    codes: Option<String>,
    blank: Option<String>,
    stock: Option<String>,
    start_at: Option<String>,
    offset_x_mm: Option<String>,
    offset_y_mm: Option<String>,
}

impl SheetForm {
    /// The same as the API's input, or what can't be read.
    fn input(&self) -> Result<LabelsInput> {
        let mut faults = Vec::new();
        let input = LabelsInput {
            codes: self.codes(),
            blank: number(self.blank.as_deref(), "blank", &mut faults),
            layout: None,
            stock: self.stock.clone(),
            start_at: number(self.start_at.as_deref(), "start_at", &mut faults),
            format: None,
            offset_x_mm: millimetres(self.offset_x_mm.as_deref(), "offset_x_mm", &mut faults),
            offset_y_mm: millimetres(self.offset_y_mm.as_deref(), "offset_y_mm", &mut faults),
        };
        if let Err(Error::Invalid(more)) = crate::web::extract::validate(&input) {
            faults.extend(more);
        }
        if faults.is_empty() {
            Ok(input)
        } else {
            Err(Error::Invalid(faults))
        }
    }

    /// How to print, whatever is printed.
    pub(super) fn sheet(&self) -> Result<Sheet> {
        let input = LabelsInput {
            codes: Vec::new(),
            blank: Some(1),
            ..self.input()?
        };
        Ok(labelling::plan(&input)?.0)
    }

    /// Codes separated by blanks, commas or lines.
    fn codes(&self) -> Vec<String> {
        let text = self.codes.as_deref().unwrap_or_default();
        text.split(|c: char| c.is_whitespace() || c == ',' || c == ';')
            .filter(|code| !code.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// The form as it was typed.
    pub(super) fn state(&self, visit: &Visit) -> FormState {
        let usual = usual(visit);
        [
            ("codes", &self.codes),
            ("blank", &self.blank),
            ("stock", &self.stock),
            ("start_at", &self.start_at),
            ("offset_x_mm", &self.offset_x_mm),
            ("offset_y_mm", &self.offset_y_mm),
        ]
        .into_iter()
        .filter_map(|(name, value)| value.clone().map(|value| (name, value)))
        .fold(usual, |state, (name, value)| state.with(name, value))
    }
}

fn number(text: Option<&str>, field: &str, faults: &mut Vec<FieldError>) -> Option<u32> {
    let read = text.map(str::parse::<u32>)?;
    read.map_err(|_| faults.push(FieldError::new(format!("#/{field}"), "Un nombre entier.")))
        .ok()
}

fn millimetres(text: Option<&str>, field: &str, faults: &mut Vec<FieldError>) -> Option<f32> {
    let read = text.map(|t| t.replace(',', ".").replace('−', "-").parse::<f32>())?;
    match read {
        Ok(value) if value.is_finite() => Some(value),
        Ok(_) | Err(_) => {
            faults.push(FieldError::new(
                format!("#/{field}"),
                "Des millimètres, comme 1,5 ou −0,8.",
            ));
            None
        }
    }
}

/// A label form before anybody typed: the usual sheet, from its first label.
pub(super) fn usual(visit: &Visit) -> FormState {
    let first = Stock::all().first().map(|s| s.name).unwrap_or_default();
    FormState::new(visit)
        .with("stock", first)
        .with("start_at", "1")
}

/// The stocks to choose from.
pub(super) fn stocks() -> Vec<Choice> {
    Stock::all()
        .iter()
        .map(|stock| {
            let size = |mm: f32| format!("{mm}").replace('.', ",");
            let words = format!(
                "{} {} : {} × {} mm, {} par planche",
                stock.maker,
                stock.name,
                size(stock.width),
                size(stock.height),
                stock.per_sheet()
            );
            Choice::new(stock.name, words)
        })
        .collect()
}

#[derive(Template)]
#[template(path = "intake/pages/labels.html")]
struct LabelsPage {
    frame: Frame,
    form: FormState,
    stocks: Vec<Choice>,
    count: usize,
    print_word: String,
    calibration: String,
}

impl LabelsPage {
    async fn of(
        app: &App,
        actor: &Actor,
        visit: &Visit,
        sheet: &SheetForm,
        form: FormState,
    ) -> Result<Self> {
        let count = sheet.codes().len();
        let word = match count {
            0 => "Imprimer".to_owned(),
            count => words::print_labels(count),
        };
        Ok(Self {
            frame: access::frame(app, actor, visit).await?,
            calibration: form.value("stock").to_owned(),
            form,
            stocks: stocks(),
            count,
            print_word: word,
        })
    }
}

/// The page of labels; codes to print may come with the address.
pub(super) async fn show(
    State(app): State<App>,
    actor: Actor,
    visit: Visit,
    Query(sheet): Query<SheetForm>,
) -> PageResult {
    let form = sheet.state(&visit);
    page(&LabelsPage::of(&app, &actor, &visit, &sheet, form).await?)
}

/// Reserves blank codes, then shows them ready to print: printing again prints the same ones.
pub(super) async fn blank(
    State(app): State<App>,
    actor: Actor,
    visit: Visit,
    form: Form<SheetForm>,
) -> PageResult {
    let sheet = form.read().0?;
    let drawn = async {
        let input = LabelsInput {
            codes: Vec::new(),
            ..sheet.input()?
        };
        let count = input
            .blank
            .ok_or_else(|| Error::field("#/blank", "Combien d’étiquettes ?"))?;
        labelling::plan(&input)?;
        labelling::draw_blank(&app, &actor, count).await
    };
    match drawn.await {
        Ok(codes) => {
            let list: Vec<&str> = codes.iter().map(labels::Code::as_str).collect();
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.append_pair("codes", &list.join(","));
            for (name, value) in [
                ("stock", &sheet.stock),
                ("start_at", &sheet.start_at),
                ("offset_x_mm", &sheet.offset_x_mm),
                ("offset_y_mm", &sheet.offset_y_mm),
            ] {
                if let Some(value) = value {
                    query.append_pair(name, value);
                }
            }
            let words = match codes.len() {
                1 => "Une étiquette vierge est réservée : imprimez-la.".to_owned(),
                count => format!("{count} étiquettes vierges sont réservées : imprimez-les."),
            };
            let to = format!("/labels?{}", query.finish());
            Ok(see_other_saying(&to, &Flash::done(words), visit.secure))
        }
        Err(error) => refused(&app, &actor, &visit, &sheet, error).await,
    }
}

/// Prints the codes of the form.
pub(super) async fn print(
    State(app): State<App>,
    actor: Actor,
    visit: Visit,
    Query(sheet): Query<SheetForm>,
) -> PageResult<Response> {
    match printed(&app, &sheet).await {
        Ok(printed) => Ok(printed.answer("etiquettes")),
        Err(error) => refused(&app, &actor, &visit, &sheet, error).await,
    }
}

async fn printed(app: &App, sheet: &SheetForm) -> Result<labelling::Printed> {
    let input = LabelsInput {
        blank: None,
        ..sheet.input()?
    };
    if input.codes.is_empty() {
        return Err(Error::field(
            "#/codes",
            "Scannez ou tapez au moins un code.",
        ));
    }
    let (how, _) = labelling::plan(&input)?;
    let mut codes = Vec::new();
    for text in &input.codes {
        let found = labelling::existing(app, std::slice::from_ref(text)).await;
        codes.extend(found.map_err(|error| naming(text, error))?);
    }
    labelling::write(app, codes, how, Format::Pdf).await
}

/// Says which code of the list is refused.
fn naming(text: &str, error: Error) -> Error {
    let words = if matches!(error, Error::UnknownCode) {
        format!("« {text} » : aucune étiquette ne porte ce code.")
    } else if matches!(error, Error::WrongCheckCharacter) {
        format!("« {text} » : code mal lu ou mal tapé.")
    } else if let Error::Invalid(faults) = &error {
        let words: Vec<&str> = faults.iter().map(|f| f.detail.as_str()).collect();
        words.join(" ")
    } else {
        return error;
    };
    Error::field("#/codes", words)
}

async fn refused(
    app: &App,
    actor: &Actor,
    visit: &Visit,
    sheet: &SheetForm,
    error: Error,
) -> PageResult<Response> {
    let (status, error) = form_status(error)?;
    let form = sheet.state(visit).refused(&error);
    page_with(
        status,
        &LabelsPage::of(app, actor, visit, sheet, form).await?,
    )
}

/// The sheet that shows whether the printer scales or shifts the page.
pub(super) async fn calibration(
    State(app): State<App>,
    actor: Actor,
    visit: Visit,
    Query(sheet): Query<SheetForm>,
) -> PageResult<Response> {
    match sheet.sheet() {
        Ok(how) => Ok(labelling::calibration(how).await?.answer("reglage")),
        Err(error) => refused(&app, &actor, &visit, &sheet, error).await,
    }
}
