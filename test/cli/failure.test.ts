import { describeError } from '../../src/cli/failure.js';
import { RegateError } from '../../src/domain/index.js';

class Refused extends RegateError<'refused'> {}

test('an error cannot steer the terminal, and keeps its lines', () => {
  const thrown = new Refused('refused', 'it said:\n\tno \u001b[2Jway\u009b1m\r', 'Ask\u0007 again.');
  expect(describeError(thrown)).toBe(
    'regate: it said:\n\tno \\u001b[2Jway\\u009b1m\\u000d [refused]\n  → Ask\\u0007 again.\n',
  );
});
