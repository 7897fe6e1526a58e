// As MiniSearch's own documentation recommends it for a site.
export const options = { fields: ["title", "text"], storeFields: ["title", "text"] };
export const asking = { boost: { title: 2 }, prefix: true, fuzzy: 0.2, combineWith: "AND" };
