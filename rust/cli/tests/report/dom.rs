//! A page as a browser's parser reads it: html5ever is the parser of the HTML standard.

use html5ever::tendril::TendrilSink as _;
use html5ever::{ParseOpts, parse_document};
use markup5ever_rcdom::{Handle, NodeData, RcDom};

/// A page, parsed.
pub(crate) struct Dom(RcDom);

impl Dom {
    pub(crate) fn new(page: &str) -> Self {
        let dom = parse_document(RcDom::default(), ParseOpts::default())
            .from_utf8()
            .one(page.as_bytes());
        Self(dom)
    }

    /// What the parser had to mend.
    pub(crate) fn faults(&self) -> Vec<String> {
        self.0
            .errors
            .borrow()
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    /// Every element, in order.
    pub(crate) fn elements(&self) -> Vec<Handle> {
        let mut found = Vec::new();
        walk(&self.0.document, &mut found);
        found
    }

    /// Elements of this name.
    pub(crate) fn named(&self, wanted: &str) -> Vec<Handle> {
        let all = self.elements().into_iter();
        all.filter(|it| name(it) == wanted).collect()
    }

    /// The element with this id.
    pub(crate) fn by_id(&self, id: &str) -> Handle {
        let all = self.elements().into_iter();
        let found: Vec<Handle> = all
            .filter(|it| attribute(it, "id").as_deref() == Some(id))
            .collect();
        assert_eq!(found.len(), 1, "#{id}");
        found[0].clone()
    }

    /// The text of the element with this id.
    pub(crate) fn text_of(&self, id: &str) -> String {
        text(&self.by_id(id))
    }
}

/// Elements of this name within one.
pub(crate) fn within(node: &Handle, wanted: &str) -> Vec<Handle> {
    let mut found = Vec::new();
    walk(node, &mut found);
    found.retain(|it| name(it) == wanted);
    found
}

/// An element's name.
pub(crate) fn name(node: &Handle) -> String {
    match &node.data {
        NodeData::Element { name, .. } => name.local.to_string(),
        _ => String::new(),
    }
}

/// The value of an attribute.
pub(crate) fn attribute(node: &Handle, wanted: &str) -> Option<String> {
    attributes(node)
        .into_iter()
        .find_map(|(name, value)| (name == wanted).then_some(value))
}

/// Every attribute.
pub(crate) fn attributes(node: &Handle) -> Vec<(String, String)> {
    let NodeData::Element { attrs, .. } = &node.data else {
        return Vec::new();
    };
    attrs
        .borrow()
        .iter()
        .map(|it| (it.name.local.to_string(), it.value.to_string()))
        .collect()
}

/// All text in an element, spaces and lines as one space.
pub(crate) fn text(node: &Handle) -> String {
    let mut out = String::new();
    gather(node, &mut out);
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The rows of a table, each with the text of its cells; without the heads.
pub(crate) fn rows(table: &Handle) -> Vec<Vec<String>> {
    let bodies = within(table, "tbody");
    let rows = bodies.iter().flat_map(|body| within(body, "tr"));
    rows.map(|row| {
        let mut cells = Vec::new();
        walk(&row, &mut cells);
        cells.retain(|cell| matches!(name(cell).as_str(), "td" | "th"));
        cells.iter().map(text).collect()
    })
    .collect()
}

/// The facts of a list: label and text.
pub(crate) fn facts(node: &Handle) -> Vec<(String, String)> {
    let labels = within(node, "dt").into_iter().map(|it| text(&it));
    labels.zip(within(node, "dd").iter().map(text)).collect()
}

/// The text behind a label.
pub(crate) fn fact(node: &Handle, label: &str) -> String {
    let facts = facts(node);
    let found = facts.iter().find(|(it, _)| it == label);
    found
        .unwrap_or_else(|| panic!("no {label:?} in {facts:?}"))
        .1
        .clone()
}

fn walk(node: &Handle, found: &mut Vec<Handle>) {
    for child in node.children.borrow().iter() {
        if matches!(child.data, NodeData::Element { .. }) {
            found.push(child.clone());
        }
        walk(child, found);
    }
}

fn gather(node: &Handle, out: &mut String) {
    if let NodeData::Text { contents } = &node.data {
        out.push_str(&contents.borrow());
    }
    let block = matches!(
        name(node).as_str(),
        "p" | "li" | "div" | "dt" | "dd" | "td" | "th" | "tr"
    );
    for child in node.children.borrow().iter() {
        gather(child, out);
    }
    if block {
        out.push(' ');
    }
}
