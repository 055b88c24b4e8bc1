export { FactsError, type FactsErrorCode } from './error.js';
export { type Arguments, loadGrammars, readFacts } from './read-facts.js';
export { factSourcesIn } from './settings.js';
