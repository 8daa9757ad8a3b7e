// Prints what the columns of the tables take that the target `servicenow` manages, as JSON: `columns.json` is its output.
// The stand-in for the Table API in the tests refuses what it does not allow, so that it and the compiler agree.
//
//   node columns.cjs SDK-CORE PROJECT
//
// Where it comes from:
// - Tables that the SDK has types for: these types, with those of the tables that they extend.
// - Variables, their choices, and who may see an item: the columns that the compiler itself writes into the update set of a
//   project (its types for them are those of functions). What is `true` or `false` there is a truth, what is a `sys_id` a
//   reference.
// - Members of groups and spans of schedules: the SDK has nothing for them, and lets every column pass. They are listed at
//   the end, by hand.
const fs = require('node:fs');
const path = require('node:path');
const Module = require('node:module');
const [core, project] = process.argv.slice(2);

// The functions that make columns say nothing afterwards about which one was called: here they do.
const load = Module._load;
const named = new Proxy({}, {
    get: (_, name) => (config) => (name === 'Table' ? config : { takes: String(name).replace(/Column$/, ''), ...config }),
});
Module._load = (request, ...rest) => (request === '../../db' ? named : load(request, ...rest));

const file = (table) => path.join(core, 'dist/fluent/tables', `${table}.now.js`);
const column = ({ takes, maxLength, referenceTable, choices, unique }) => {
    const words = choices && !Array.isArray(choices) ? Object.keys(choices) : undefined;
    // Text whose length is not said has what the platform gives it then.
    const most = maxLength ?? (takes === 'String' ? 40 : undefined);
    const of = { takes, most, table: referenceTable, unique };
    // Choices of a reference are words for having none.
    if (words && takes !== 'Reference') of.words = words;
    return Object.fromEntries(Object.entries(of).filter(([, value]) => value !== undefined));
};
const columns = (table) => {
    const { [table]: config } = require(file(table));
    const inherited = config.extends && fs.existsSync(file(config.extends)) ? columns(config.extends) : {};
    const own = Object.entries(config.schema).map(([name, of]) => [name, column(of)]);
    return { ...inherited, ...Object.fromEntries(own) };
};

const typed = [
    'cmdb_ci_service', 'cmn_department', 'cmn_schedule', 'contract_sla', 'kb_knowledge', 'kb_knowledge_base', 'sc_cat_item',
    'sc_catalog', 'sc_category', 'service_offering', 'sys_user', 'sys_user_group', 'sys_user_role', 'user_criteria',
];
const written = ['item_option_new', 'question_choice', 'sc_cat_item_user_criteria_mtom'];

const update = path.join(project, 'dist/app/update');
const compiled = (table) => {
    const found = {};
    for (const name of fs.readdirSync(update).filter((name) => name.replace(/_[0-9a-f]{32}\.xml$/, '') === table)) {
        const text = fs.readFileSync(path.join(update, name), 'utf8');
        for (const [, of, value] of text.matchAll(/^ {4}<(\w+)(?: [^>]*)?(?:\/>|>([^<]*)<\/)/gm)) {
            const takes = value === undefined ? undefined : /^(true|false)$/.test(value) ? 'Boolean' : /^[0-9a-f]{32}$/.test(value) ? 'Reference' : 'String';
            found[of] = { takes: found[of] && found[of].takes !== 'String' ? found[of].takes : takes ?? 'String' };
        }
    }
    return found;
};

const tables = {};
for (const table of typed) tables[table] = columns(table);
for (const table of written) tables[table] = compiled(table);
const string = { takes: 'String' };
tables.sys_user_grmember = { group: { takes: 'Reference', table: 'sys_user_group' }, user: { takes: 'Reference', table: 'sys_user' } };
tables.cmn_schedule_span = {
    schedule: { takes: 'Reference', table: 'cmn_schedule' },
    name: string,
    type: { takes: 'String', words: ['', 'exclude'] },
    show_as: { takes: 'String', words: ['busy', 'free'] },
    start_date_time: { takes: 'ScheduleDateTime' },
    end_date_time: { takes: 'ScheduleDateTime' },
    repeat_type: { takes: 'String', words: ['', 'weekly'] },
    days_of_week: string,
    repeat_count: { takes: 'Integer' },
    all_day: { takes: 'Boolean' },
};
const lines = Object.entries(tables).sort(([a], [b]) => (a < b ? -1 : 1)).map(([table, of]) => {
    const own = Object.entries(of).filter(([name]) => name !== 'sys_id').sort(([a], [b]) => (a < b ? -1 : 1));
    return `  ${JSON.stringify(table)}: {\n${own.map(([name, of]) => `    ${JSON.stringify(name)}: ${JSON.stringify(of)}`).join(',\n')}\n  }`;
});
console.log(`{\n${lines.join(',\n')}\n}`);
