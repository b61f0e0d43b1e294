//! `lshw -xml`: the same tree as its JSON, so it is turned into that and read by the same reader.

use roxmltree::{Document, Node, ParsingOptions};
use serde_json::{Map, Value};

use super::{Kind, ReadError, Reading, lshw};

/// Most nodes of a tree; the largest real one has a few hundred.
const MOST_NODES: u32 = 200_000;
/// Deepest level read, as for the JSON.
const DEEPEST: usize = 64;

/// Reads the tree.
///
/// # Errors
/// [`ReadError::Damaged`] with the place when it is no XML, or holds neither machine nor disk.
pub(super) fn read(text: &str) -> Result<Reading, ReadError> {
    let options = ParsingOptions {
        nodes_limit: MOST_NODES,
        ..ParsingOptions::default()
    };
    let document = Document::parse_with_options(text.trim_start(), options)
        .map_err(|error| ReadError::Damaged(error.to_string()))?;
    let root = document.root_element();
    let tops: Vec<Value> = if root.has_tag_name("node") {
        vec![tree(root, 0)]
    } else {
        nodes(root).map(|node| tree(node, 0)).collect()
    };
    let mut reading = lshw::read(&Value::Array(tops))?;
    reading.kind = Kind::LshwXml;
    Ok(reading)
}

fn nodes<'a, 'i: 'a>(node: Node<'a, 'i>) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(|child| child.has_tag_name("node"))
}

/// One node as the JSON writes it.
fn tree(node: Node<'_, '_>, depth: usize) -> Value {
    let mut object = Map::new();
    for attribute in node.attributes() {
        object.insert(attribute.name().to_owned(), attribute.value().into());
    }
    let mut names = Vec::new();
    for part in node.children().filter(Node::is_element) {
        let text = part.text().unwrap_or_default().trim();
        match part.tag_name().name() {
            "node" => {}
            // A disk may have several names.
            "logicalname" => names.push(Value::from(text)),
            "configuration" => {
                object.insert("configuration".to_owned(), map(part, "value"));
            }
            "capabilities" => {
                object.insert("capabilities".to_owned(), map(part, ""));
            }
            name => {
                object.insert(name.to_owned(), text.into());
            }
        }
    }
    if !names.is_empty() {
        object.insert("logicalname".to_owned(), names.into());
    }
    if depth < DEEPEST {
        let children: Vec<Value> = nodes(node).map(|child| tree(child, depth + 1)).collect();
        object.insert("children".to_owned(), children.into());
    }
    Value::Object(object)
}

/// Settings and capabilities: their id, and a value or the text.
fn map(part: Node<'_, '_>, value: &str) -> Value {
    let pairs = part
        .children()
        .filter(Node::is_element)
        .filter_map(|entry| {
            let told = entry.attribute(value).or(entry.text()).unwrap_or_default();
            Some((entry.attribute("id")?.to_owned(), told.into()))
        });
    Value::Object(pairs.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workshop::evidence::{DiskKind, MachineKind};

    #[test]
    fn the_xml_tells_what_the_json_tells() {
        let text = r#"<?xml version="1.0"?>
            <list><node id="pc" class="system">
              <description>Notebook</description><product>6465AB1</product><vendor>LENOVO</vendor>
              <version>ThinkPad T61</version><serial>L3ABCDE</serial>
              <configuration><setting id="chassis" value="notebook" /></configuration>
              <node id="disk" class="disk"><product>HTS5416</product><serial>SB2ABC</serial>
                <logicalname>/dev/sda</logicalname><size units="bytes">100030242816</size></node>
              <node id="stick" class="disk"><businfo>usb@1:1</businfo><size>8000000000</size></node>
            </node></list>"#;
        let reading = read(text).unwrap();
        let machine = reading.machine.clone().unwrap();
        assert_eq!(machine.kind, Some(MachineKind::Laptop));
        assert_eq!(machine.commercial(), Some("ThinkPad T61"));
        assert_eq!(machine.serial.as_deref(), Some("L3ABCDE"));
        let own: Vec<_> = reading.own_disks().collect();
        assert_eq!(own.len(), 1);
        assert_eq!(own[0].serial.as_deref(), Some("SB2ABC"));
        assert_eq!(own[0].kind, DiskKind::Hdd);
        assert!(matches!(
            read("<list><node id=\"a\""),
            Err(ReadError::Damaged(_))
        ));
        assert!(matches!(read("<list/>"), Err(ReadError::Damaged(_))));
    }
}
