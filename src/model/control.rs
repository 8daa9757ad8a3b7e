//! Controls of frameworks.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{LocalDate, Parts, Principal, Selector, choice::choice};

/// Rules mapped to a control of a framework. A control id always carries the version of its framework,
/// because ids are renamed and retired between versions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "Control", example = serde_json::json!({
    "framework": "nist-csf", "version": "2.0", "control": "PR.AA-05", "name": "Access permissions are managed",
    "rules": ["guardrail:contractor-admin", "sod:payments"]
}))]
pub struct Control {
    /// The framework that the control is in, with its version.
    pub framework: Framework,
    /// Its version, as the publisher writes it.
    #[schemars(regex(pattern = r"\S"))]
    pub version: String,
    /// The id of the control in that version.
    #[schemars(regex(pattern = r"\S"))]
    pub control: String,
    /// What the control asks for, in your own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Who answers for the control.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Principal>,
    /// The objects that put it into practice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Selector>,
    /// Where the evidence is found, when it is not in this repository.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
    /// The next day on which somebody looks at whether all of this is still so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review_date: Option<LocalDate>,
}

choice! {
    /// A framework of controls.
    pub enum Framework {
        /// ISO/IEC 20000-1, service management.
        Iso20000 = "iso-20000-1",
        /// ISO/IEC 27001 Annex A, information security.
        Iso27001 = "iso-27001",
        /// SOC 2, the Trust Services Criteria.
        Soc2 = "soc-2",
        /// The NIST Cybersecurity Framework.
        NistCsf = "nist-csf",
        /// NIST SP 800-53.
        Nist80053 = "nist-800-53",
        /// COBIT.
        Cobit = "cobit",
        /// The OWASP list of risks of non-human identities.
        OwaspNhi = "owasp-nhi",
        /// The General Data Protection Regulation.
        Gdpr = "gdpr",
        /// An own framework.
        Internal = "internal",
    }
}

impl Parts for Control {}
