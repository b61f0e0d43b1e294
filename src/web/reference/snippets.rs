//! What a client writes to ask: in curl, in Python and JavaScript with what comes with them.

use serde_json::Value;

/// Code to copy.
pub(super) struct Snippet {
    /// Language.
    pub(super) name: &'static str,
    /// The code.
    pub(super) code: String,
}

/// What is asked, before it is written in any language.
struct Ask {
    method: String,
    path: String,
    body: Body,
    saves: bool,
}

enum Body {
    None,
    Json(Value),
    File,
}

/// The same request in each language.
pub(super) fn of(method: &str, path: &str, operation: &Value) -> Vec<Snippet> {
    let content = &operation["requestBody"]["content"];
    let body = if content.is_null() {
        Body::None
    } else if let Some(json) = content.get("application/json") {
        Body::Json(json.get("example").cloned().unwrap_or_default())
    } else {
        Body::File
    };
    let ask = Ask {
        method: method.to_uppercase(),
        path: filled(path, operation),
        body,
        saves: operation["responses"]["200"]["content"]["application/json"].is_null()
            && operation["responses"]["201"].is_null(),
    };
    vec![
        Snippet {
            name: "curl",
            code: curl(&ask),
        },
        Snippet {
            name: "Python",
            code: python(&ask),
        },
        Snippet {
            name: "JavaScript",
            code: javascript(&ask),
        },
    ]
}

/// The path with an example for each of its parameters, and the parameters of the query that must be there.
fn filled(path: &str, operation: &Value) -> String {
    let mut filled = path.to_owned();
    let mut queries = Vec::new();
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let name = parameter["name"].as_str().unwrap_or_default();
        let example = parameter["schema"]["examples"][0].as_str().unwrap_or(name);
        if parameter["in"] == "path" {
            filled = filled.replace(&format!("{{{name}}}"), example);
        } else if parameter["required"] == true {
            queries.push(format!("{name}={}", example.to_uppercase()));
        }
    }
    if !queries.is_empty() {
        filled = format!("{filled}?{}", queries.join("&"));
    }
    filled
}

fn curl(ask: &Ask) -> String {
    let mut code = "curl --fail-with-body".to_owned();
    if ask.method != "GET" {
        code = format!("{code} -X {}", ask.method);
    }
    code.push_str(" \\\n  -H \"Authorization: Bearer $TOKEN\"");
    match &ask.body {
        Body::None => {}
        Body::Json(body) => {
            let body = body.to_string().replace('\'', "'\\''");
            code = format!("{code} \\\n  -H 'Content-Type: application/json' \\\n  -d '{body}'");
        }
        Body::File => code.push_str(" \\\n  --data-binary @FILE"),
    }
    if ask.saves {
        code.push_str(" \\\n  -o FILE");
    }
    format!("{code} \\\n  \"$REBOND{}\"", ask.path)
}

fn python(ask: &Ask) -> String {
    let (mut imports, data, kind) = match &ask.body {
        Body::None if ask.method == "GET" => ("", String::new(), ""),
        Body::None => ("", "    data=b\"\",\n".to_owned(), ""),
        Body::Json(body) => (
            "import json\n",
            format!("    data=json.dumps({}).encode(),\n", literal(body)),
            ", \"Content-Type\": \"application/json\"",
        ),
        Body::File => (
            "",
            "    data=open(\"FILE\", \"rb\").read(),\n".to_owned(),
            ", \"Content-Type\": \"application/octet-stream\"",
        ),
    };
    let end = if ask.saves {
        "    open(\"FILE\", \"wb\").write(answer.read())"
    } else {
        imports = "import json\n";
        "    print(json.load(answer))"
    };
    format!(
        "{imports}import os\nfrom urllib.request import Request, urlopen\n\n\
         request = Request(\n    os.environ[\"REBOND\"] + \"{}\",\n{data}    \
         headers={{\"Authorization\": \"Bearer \" + os.environ[\"TOKEN\"]{kind}}},\n    method=\"{}\",\n)\n\
         with urlopen(request) as answer:\n{end}",
        ask.path, ask.method
    )
}

/// JSON as Python writes it.
fn literal(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(_) | Value::String(_) => value.to_string(),
        Value::Array(list) => {
            let items: Vec<String> = list.iter().map(literal).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(object) => {
            let members: Vec<String> = object
                .iter()
                .map(|(name, value)| format!("{}: {}", Value::from(name.as_str()), literal(value)))
                .collect();
            format!("{{{}}}", members.join(", "))
        }
    }
}

fn javascript(ask: &Ask) -> String {
    let mut headers = "Authorization: `Bearer ${TOKEN}`".to_owned();
    let body = match &ask.body {
        Body::None => String::new(),
        Body::Json(body) => {
            headers.push_str(", \"Content-Type\": \"application/json\"");
            format!("  body: JSON.stringify({body}),\n")
        }
        Body::File => "  body: file,\n".to_owned(),
    };
    let end = if ask.saves { "blob" } else { "json" };
    format!(
        "const answer = await fetch(`${{REBOND}}{}`, {{\n  method: \"{}\",\n  headers: {{ {headers} }},\n{body}}});\n\
         if (!answer.ok) throw await answer.json();\nconst result = await answer.{end}();",
        ask.path, ask.method
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn post() -> Vec<Snippet> {
        let operation = json!({
            "parameters": [{ "name": "code", "in": "path", "schema": { "examples": ["7KD3BX0R"] } }],
            "requestBody": { "content": { "application/json": { "example": { "to": "l'atelier", "now": true, "why": null } } } },
            "responses": { "200": { "content": { "application/json": {} } } },
        });
        of("post", "/api/v1/devices/{code}/move", &operation)
    }

    #[test]
    fn each_language_says_the_same() {
        for snippet in post() {
            assert!(
                snippet.code.contains("/api/v1/devices/7KD3BX0R/move"),
                "{}",
                snippet.code
            );
            assert!(snippet.code.contains("POST"), "{}", snippet.code);
            assert!(snippet.code.contains("Bearer"), "{}", snippet.code);
        }
    }

    #[test]
    fn each_language_has_its_own_quotes_and_words() {
        let [curl, python, javascript]: [Snippet; 3] = post().try_into().ok().unwrap();
        assert!(curl.code.contains(r"l'\''atelier"), "{}", curl.code);
        assert!(
            python
                .code
                .contains(r#""now": True, "to": "l'atelier", "why": None"#),
            "{}",
            python.code
        );
        assert!(
            javascript.code.contains(r#""now":true"#),
            "{}",
            javascript.code
        );
    }
}
