import { type BuiltinTable, objectOperand, stringOperand } from './builtin.js';
import { joined, wellFormed } from './go-format/bytes.js';
import { execute } from './template/execution.js';
import { MAIN, parseTemplate } from './template/parser.js';
import { fromRego } from './template/values.js';

/**
 * Go's text/template as OPA runs it.
 *
 * Source: https://www.openpolicyagent.org/docs/policy-reference/builtins/strings, https://pkg.go.dev/text/template
 */
export const TEMPLATES = {
  'strings.render_template': (evaluation, template, variables) => {
    const text = stringOperand(template, 1);
    const data = fromRego(objectOperand(variables, 2));
    const written = execute(parseTemplate(text), MAIN, data, (units) => evaluation.spend(units));
    return wellFormed(joined(written)).replaceAll('<no value>', '<undefined>');
  },
} satisfies BuiltinTable;
