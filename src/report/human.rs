//! For people at a terminal.

use annotate_snippets::{
    AnnotationKind, Group, Level as Title, Patch, Renderer, Snippet, renderer::DecorStyle,
};

use crate::diag::{Diagnostic, FileId, Label, Level, Safety, Sources};

/// Writes one finding with the lines that it is about.
#[must_use]
pub fn diagnostic(diagnostic: &Diagnostic, sources: &Sources, colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii);
    let title = match diagnostic.level {
        Level::Error => Title::ERROR,
        Level::Warning => Title::WARNING,
        Level::Note | Level::Off => Title::NOTE,
    };
    let mut labels: Vec<(&Label, AnnotationKind)> = vec![(&diagnostic.primary, AnnotationKind::Primary)];
    labels.extend(diagnostic.related.iter().map(|label| (label, AnnotationKind::Context)));
    let mut files: Vec<FileId> = Vec::new();
    for (label, _) in &labels {
        if !files.contains(&label.file) {
            files.push(label.file);
        }
    }
    let mut group = Group::with_title(title.primary_title(&*diagnostic.message).id(diagnostic.code.id));
    for file in files {
        let Some(source) = sources.get(file) else { continue };
        let mut snippet = Snippet::source(&*source.text).path(&*source.path);
        for (label, kind) in labels.iter().filter(|(label, _)| label.file == file) {
            let text = (!label.text.is_empty()).then_some(label.text.as_str());
            snippet = snippet.annotation(kind.span(label.span.range()).label(text));
        }
        group = group.element(snippet);
    }
    for note in &diagnostic.notes {
        group = group.element(Title::NOTE.message(note.as_str()));
    }
    let mut groups = vec![group];
    let patch = diagnostic.fix.as_ref().and_then(|fix| {
        let edit = fix.edits.first()?;
        let source = sources.get(edit.file)?;
        let snippet = Snippet::source(&*source.text)
            .path(&*source.path)
            .patch(Patch::new(edit.span.range(), edit.text.as_str()));
        let mark = if fix.safety == Safety::Safe { " (`--fix` does it)" } else { "" };
        Some((snippet, mark))
    });
    match (&diagnostic.help, patch) {
        (Some(help), Some((snippet, mark))) => {
            groups.push(
                Group::with_title(Title::HELP.secondary_title(format!("{help}{mark}"))).element(snippet),
            );
        }
        (Some(help), None) => {
            if let Some(first) = groups.pop() {
                groups.push(first.element(Title::HELP.message(help.as_str())));
            }
        }
        (None, _) => {}
    }
    renderer.render(&groups)
}
