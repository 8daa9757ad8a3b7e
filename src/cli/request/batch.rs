//! Many requests, one on each line, decided in order and kept in a few files.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use anyhow::bail;

use super::{
    commit::policy_commit,
    settle::{NewFile, Settle, folder, whole_seconds},
};
use crate::{
    cli::{
        answer::Format,
        decidable,
        exit::Exit,
        output::Output,
        simulate::{BatchAnswer, lines},
    },
    decide::{access::decide, engine::Engine},
    ledger::{
        already::held_already,
        record::{About, Pending, with_pending},
    },
    model::{EntitlementRef, Id, grant::Grant, request::DatedRequest, scenario::Verdict},
    report::{decision::words, json, summary::plural},
    source::digest,
};

/// The most grants of one file.
const MOST: usize = 1_000;

/// Decides about each request and writes what they give.
///
/// # Errors
/// When it could not run; then nothing is written.
pub(super) fn run(settle: &Settle, path: &Path, output: &mut Output) -> anyhow::Result<Exit> {
    if settle.propose.elsewhere() {
        bail!(
            "`--pull-request` and `--branch` are for one request: of many, commit the files that are written, and propose them together"
        );
    }
    let loaded = match decidable::load(&settle.repository, output)? {
        Ok(loaded) => loaded,
        Err(exit) => return Ok(exit),
    };
    let engine = Engine::new(&loaded.rulebook)?;
    let commit = policy_commit(&settle.repository, &loaded)?;
    let pending = Pending::new(&loaded.rulebook);
    let mut given: BTreeMap<String, Vec<EntitlementRef>> = BTreeMap::new();
    let mut taken = BTreeSet::new();
    let mut grants: Vec<(Id, Grant)> = Vec::new();
    let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
    let exit = lines(path, output, |dated: DatedRequest| {
        let now = settle.now();
        let claimed = dated.now.filter(|claimed| whole_seconds(claimed.0) != now);
        if dated.policy_commit.is_some() || claimed.is_some() {
            // Who asks does not say by which rules or when: what is written down would be what nobody decided.
            let field = if claimed.is_some() { "now" } else { "policy-commit" };
            let why =
                format!("take `{field}` out of the line: it is decided now, by the rules that were read");
            *counts.entry("refused").or_default() += 1;
            let text = match settle.format {
                Format::Json => json::write_line(&BatchAnswer {
                    id: dated.id,
                    verdict: Verdict::Invalid,
                    grants: Vec::new(),
                    reasons: vec![why],
                })?,
                Format::Human => {
                    let name = dated.id.unwrap_or_else(|| dated.request.requester.to_string());
                    format!("{name}: refused: {why}\n")
                }
            };
            return Ok((text, Exit::Findings));
        }
        let person = dated.request.beneficiary.as_ref().unwrap_or(&dated.request.requester).to_string();
        // What the lines before gave is not in the ledger yet, and kept apart from all the same.
        let before = given.get(&person).into_iter().flatten();
        let request = with_pending(dated.request, pending.of(&person).chain(before));
        let decision = decide(&engine, &request, now, None);
        let about = About { number: dated.id.clone(), policy_commit: commit.clone(), renews: None };
        let held = held_already(&engine, &request, &decision, &about);
        let granted =
            held.is_none() && matches!(decision.verdict, Verdict::Approved | Verdict::NeedsApproval);
        // What is held already is denied by no rule, and given twice by none.
        let verdict = if held.is_some() { Verdict::Invalid } else { decision.verdict };
        *counts.entry(words::verdict(verdict)).or_default() += 1;
        let mut ids = Vec::new();
        if granted {
            for file in settle.files(&engine, &request, &decision, &about, &mut taken)? {
                for (id, grant) in file.grants {
                    ids.push(id.to_string());
                    given.entry(person.clone()).or_default().push(grant.entitlement.clone());
                    grants.push((id, grant));
                }
            }
        }
        let reasons: Vec<String> = decision
            .problems
            .iter()
            .map(ToString::to_string)
            .chain(decision.denials.iter().map(words::denial))
            .chain(held.iter().map(ToString::to_string))
            .collect();
        let exit = if granted { Exit::Success } else { Exit::Findings };
        let text = match settle.format {
            Format::Json => json::write_line(&BatchAnswer { id: dated.id, verdict, grants: ids, reasons })?,
            Format::Human if granted => String::new(),
            Format::Human => {
                let name = dated.id.unwrap_or(person);
                format!("{name}: {}: {}\n", words::verdict(verdict), reasons.join("; "))
            }
        };
        Ok((text, exit))
    })?;
    let folder = folder(&loaded.rulebook)?;
    let names: Vec<String> = grants.iter().map(|(id, _)| id.to_string()).collect();
    let mark: String = digest(names.join("\n").as_bytes()).chars().take(10).collect();
    let mut files = 0;
    for (index, part) in grants.chunks(MOST).enumerate() {
        let path = format!("{folder}/batch-{mark}-{}.toml", index + 1);
        let file = NewFile { path, grants: part.to_vec() };
        let text = settle.text(&file)?;
        settle.put(&file.path, &text)?;
        files += 1;
    }
    for (verdict, number) in counts {
        output.talk(&format!("{}: {verdict}", plural(number, "request")))?;
    }
    let verb = if settle.dry_run { "would be written" } else { "written" };
    output.talk(&format!("{} {verb} to {}", plural(grants.len(), "grant"), plural(files, "file")))?;
    Ok(exit)
}
