//! `keys.ts`: which `sys_id` each row of the project has. The SDK would make some up, and write them into this file.

use std::{collections::BTreeMap, fmt::Write as _};

use super::{Ids, quoted};

/// Columns with their values as TypeScript writes them.
pub(super) type Columns = Vec<(&'static str, String)>;

/// The keys of a project.
#[derive(Debug, Default)]
pub(super) struct Keys {
    /// By what the project calls a row: its table and `sys_id`.
    explicit: BTreeMap<String, (String, String)>,
    /// Rows that the SDK makes of an item, by `sys_id`: their table, and what tells them apart.
    composite: BTreeMap<String, (&'static str, Columns)>,
}

impl Keys {
    /// Adds a row that the project names.
    pub(super) fn explicit(&mut self, name: &str, table: &str, id: &str) {
        self.explicit.insert(name.to_owned(), (table.to_owned(), id.to_owned()));
    }

    /// Adds a row that the SDK makes, known by some columns.
    pub(super) fn composite(&mut self, table: &'static str, id: &str, columns: Columns) {
        self.composite.insert(id.to_owned(), (table, columns));
    }

    /// The file.
    pub(super) fn render(mut self, ids: &Ids) -> String {
        for module in ["bom_json", "package_json"] {
            self.explicit(module, "sys_module", &ids.chosen(&format!("module {module}")));
        }
        let mut out = String::from(
            "import '@servicenow/sdk/global'\n\ndeclare global {\n    namespace Now {\n        namespace Internal {\n            \
             interface Keys extends KeysRegistry {\n                explicit: {\n",
        );
        for (name, (table, id)) in &self.explicit {
            let _ = write!(
                out,
                "                    {}: {{\n                        table: '{table}'\n                        id: '{id}'\n                    }}\n",
                quoted(name)
            );
        }
        out.push_str("                }\n                composite: [\n");
        for (id, (table, columns)) in &self.composite {
            let _ = write!(
                out,
                "                    {{\n                        table: '{table}'\n                        id: '{id}'\n                        key: {{\n"
            );
            for (column, value) in columns {
                let _ = writeln!(out, "                            {column}: {value}");
            }
            out.push_str("                        }\n                    },\n");
        }
        out.push_str("                ]\n            }\n        }\n    }\n}\n");
        out
    }
}
