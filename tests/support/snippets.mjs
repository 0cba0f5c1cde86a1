// snippets.mjs -- prints what the workbench offers as code, as JSON. Usage: node snippets.mjs '{"base": ..., "query": ...}'
import { snippets } from "../../web/assets/snippets.js";
console.log(JSON.stringify(snippets(JSON.parse(process.argv[2]))));
