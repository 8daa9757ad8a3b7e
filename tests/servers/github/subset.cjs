// Cuts the description of GitHub's interface down to some paths and what they refer to: the whole of it takes long to read.
//
//   node subset.cjs FROM.json TO.json PATH...
const fs = require("node:fs");

const [from, to, ...paths] = process.argv.slice(2);
const whole = JSON.parse(fs.readFileSync(from, "utf8"));
const kept = { openapi: whole.openapi, info: whole.info, paths: {}, components: {} };

const take = (value) => {
    if (Array.isArray(value)) {
        value.forEach(take);
    } else if (value !== null && typeof value === "object") {
        if (typeof value.$ref === "string") {
            const [, , sort, name] = value.$ref.split("/");
            kept.components[sort] ??= {};
            if (!(name in kept.components[sort])) {
                kept.components[sort][name] = whole.components[sort][name];
                take(kept.components[sort][name]);
            }
        }
        Object.values(value).forEach(take);
    }
};

for (const path of paths) {
    if (!(path in whole.paths)) {
        throw new Error(`GitHub has no path ${path}`);
    }
    kept.paths[path] = whole.paths[path];
    take(kept.paths[path]);
}
fs.writeFileSync(to, JSON.stringify(kept));
