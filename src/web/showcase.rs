//! Every macro and both layouts, rendered once: a template that no longer compiles or escapes is found here.

use askama::Template;

use super::frame::{Bead, Choice, Frame, Leaf, NavEntry, Notice, Place, Tone, Tongue};

struct FieldError {
    name: String,
    detail: String,
}

/// A form with one error, as `web::form::FormState` answers.
struct Form {
    typed: &'static str,
    token: &'static str,
    errors: Vec<FieldError>,
}

impl Form {
    fn value(&self, name: &str) -> &str {
        if name == "kind" { "laptop" } else { self.typed }
    }
    fn error(&self, name: &str) -> Option<&str> {
        self.errors
            .iter()
            .find(|error| error.name == name)
            .map(|error| error.detail.as_str())
    }
    fn errors(&self) -> &[FieldError] {
        &self.errors
    }
    fn csrf(&self) -> &'static str {
        self.token
    }
}

struct Missing {
    detail: String,
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{% extends "web/templates/layout.html" %}
{% import "web/templates/macros.html" as m %}
{% block title %}Tout{% endblock %}
{% block heading %}<h1>Tout</h1>{% endblock %}
{% block main %}
<form method="post">{{ m::csrf(form) }}{{ m::error_summary(form) }}
{{ m::text(form, "make", "Marque", hint = "Pourquoi", optional = "facultatif", list = "makes") }}
{{ m::password(form, "password", "Mot de passe") }}
{{ m::amount(form, "price", "Prix", "€") }}
{{ m::textarea(form, "note", "Note") }}
{{ m::select(form, "kind", "Type", choices) }}
{{ m::keys(form, "kind", "Type", choices, hint = owned) }}
{{ m::kinds(form, "kind", "Type", choices) }}
{{ m::checkbox(form, "consent", "Accord") }}
{{ m::submit("Enregistrer", back = "/") }}</form>
{{ m::notice(Tone::Already, "Déjà fait.") }}{{ m::chip(tone, owned) }}{{ m::code("7KD3-BX0R") }}
{{ m::code_link("7KD3-BX0R", "/devices/7KD3BX0R") }}{{ m::when("2026-11-24", "hier", exact = "24 novembre") }}
{{ m::empty("Rien", "Parce que.", href = "/", word = "Aller") }}{{ m::print_button("Imprimer") }}
{{ m::action("/x", frame.csrf, "action", "go", "Aller") }}{{ m::station_step("/x", form.csrf(), "7KD3BX0R", "go", owned) }}
{{ m::needs(missing) }}
{% call m::confirm("Détruire", "C’est pour toujours.", "/x", form.csrf(), "action", "destroy", "Détruire") %}{{ m::select(form, "reason", "Motif", choices) }}{% endcall %}
<table>{{ m::bar("Prêts", 12, 40) }}<tr>{{ m::cell("Code", owned) }}</tr></table>{{ m::pages("", "/?after=1") }}
<dl>{{ m::fact("Marque", owned) }}</dl>{{ m::thread(beads, "Étapes") }}
<ol>{{ m::day("mardi") }}{{ m::entry(tone, "2026-11-24", "9:12", owned, who = "K.") }}</ol>{{ m::figure(12, "prêts") }}
{% endblock %}"#
)]
struct Everything {
    frame: Frame,
    form: Form,
    choices: Vec<Choice>,
    beads: Vec<Bead>,
    missing: Vec<Missing>,
    owned: String,
    tone: Tone,
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{% extends "web/templates/household.html" %}{% block title %}Choisir{% endblock %}{% block main %}<h1>Où ?</h1>{% endblock %}"#
)]
struct Question {
    leaf: Leaf,
}

#[test]
fn the_layout_and_every_macro_render_escaped() {
    let frame = Frame {
        person: Some("Karima <K>".to_owned()),
        role: Some("réemploi".to_owned()),
        site: Some("Atelier".to_owned()),
        places: vec![Place {
            slug: "banc-2".to_owned(),
            name: "Banc 2".to_owned(),
        }],
        nav: (0..6)
            .map(|n| NavEntry::new(&format!("/{n}"), "mot", "/2"))
            .collect(),
        flash: Some(Notice {
            tone: Tone::Done,
            text: "C’est fait.".to_owned(),
        }),
        csrf: "jeton".to_owned(),
        has_scan: true,
        ..Frame::anonymous()
    };
    let page = Everything {
        frame,
        form: Form {
            typed: "<b>tapé</b>",
            token: "jeton",
            errors: vec![FieldError {
                name: "make".to_owned(),
                detail: "Dites la marque.".to_owned(),
            }],
        },
        choices: vec![
            Choice::new("laptop", "Portable"),
            Choice::new("desktop", "Fixe"),
        ],
        beads: Bead::thread(&["Reçu", "Effacé", "Prêt"], 1),
        missing: vec![Missing {
            detail: "Un disque est ouvert.".to_owned(),
        }],
        owned: "<i>".to_owned(),
        tone: Tone::Done,
    };
    let html = page.render().unwrap();
    assert!(
        !html.contains("<b>tapé") && !html.contains("<i>\n") && !html.contains("Karima <K>"),
        "unescaped"
    );
    assert!(
        !html.contains("style=") && !html.contains("<script>"),
        "the content policy refuses inline style and script"
    );
    for said in [
        "href=\"#make\"",
        "id=\"make-wrong\"",
        "aria-describedby=\"make-why make-wrong\"",
        "value=\"laptop\" selected",
        "aria-current=\"step\"",
        "class=\"note is-done\" role=\"status\"",
        "Plus</summary>",
    ] {
        assert!(html.contains(said), "{said} is missing in {html}");
    }
}

#[test]
fn a_households_page_is_light_and_has_no_script() {
    let tongue = |code, name, current| Tongue {
        code,
        name,
        href: format!("?lang={code}"),
        current,
    };
    let leaf = Leaf {
        lang: "fr",
        dir: "ltr",
        tongues: vec![
            tongue("fr", "Français", true),
            tongue("en", "English", false),
        ],
        language_word: "Langue".to_owned(),
        ..Leaf::default()
    };
    let html = Question { leaf }.render().unwrap();
    assert!(
        !html.contains("<script") && html.len() < 4096,
        "{} bytes",
        html.len()
    );
    assert!(html.contains("lang=\"en\" hreflang=\"en\">English</a>"));
}
