// node index.mjs FOLDER DOCUMENTS.json [ADDED.json]: writes FOLDER/index.json, or adds to it.
import { readFileSync, writeFileSync } from "node:fs";
const [, , folder, documents, added] = process.argv;
const { default: MiniSearch } = await import(`${folder}/minisearch.js`);
const { options } = await import(`${folder}/options.js`);
const read = (path) => JSON.parse(readFileSync(path, "utf8"));
const index = added ? MiniSearch.loadJSON(readFileSync(`${folder}/index.json`, "utf8"), options) : new MiniSearch(options);
index.addAll(read(added ?? documents));
writeFileSync(`${folder}/index.json`, JSON.stringify(index));
