//! A page as a person sees it: its forms and what is written on it.

/// The text of a page.
#[derive(Clone, Debug)]
pub(crate) struct Page(String);

impl Page {
    pub(super) const fn new(html: String) -> Self {
        Self(html)
    }

    /// The markup.
    pub(crate) fn html(&self) -> &str {
        &self.0
    }

    /// Whether some words stand on it.
    pub(crate) fn says(&self, words: &str) -> bool {
        self.0.contains(words)
    }

    /// The hidden fields of the form that posts to an action; of the page's first form token when the form
    /// itself is made by a script.
    pub(super) fn hidden(&self, action: &str) -> Vec<(String, String)> {
        let form = self
            .forms()
            .into_iter()
            .find(|form| attribute(form, "action").as_deref() == Some(action));
        let fields = |text: &str| -> Vec<(String, String)> {
            tags(text, "<input")
                .filter(|tag| attribute(tag, "type").as_deref() == Some("hidden"))
                .filter_map(|tag| {
                    Some((
                        attribute(tag, "name")?,
                        attribute(tag, "value").unwrap_or_default(),
                    ))
                })
                .collect()
        };
        match form {
            Some(form) => fields(form),
            None => fields(&self.0)
                .into_iter()
                .filter(|(name, _)| name == "csrf")
                .take(1)
                .collect(),
        }
    }

    /// The page's form token.
    pub(crate) fn csrf(&self) -> String {
        tags(&self.0, "<input")
            .find(|tag| attribute(tag, "name").as_deref() == Some("csrf"))
            .and_then(|tag| attribute(tag, "value"))
            .expect("a form token on the page")
    }

    fn forms(&self) -> Vec<&str> {
        self.0
            .match_indices("<form")
            .map(|(at, _)| {
                let rest = &self.0[at..];
                &rest[..rest.find("</form>").unwrap_or(rest.len())]
            })
            .collect()
    }
}

fn tags<'a>(html: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    html.match_indices(name).map(move |(at, _)| {
        let rest = &html[at..];
        &rest[..rest.find('>').unwrap_or(rest.len())]
    })
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let tag = &tag[..tag.find('>').unwrap_or(tag.len())];
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    let value = &rest[..rest.find('"')?];
    Some(
        value
            .replace("&#34;", "\"")
            .replace("&quot;", "\"")
            .replace("&#39;", "'")
            .replace("&lt;", "<")
            .replace("&#60;", "<")
            .replace("&gt;", ">")
            .replace("&#62;", ">")
            .replace("&#38;", "&")
            .replace("&amp;", "&"),
    )
}
