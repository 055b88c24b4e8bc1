import { lawTable, read, sources, ticked } from './law.js';

const law = lawTable('Who may make a step').map(([made, where]) => [
  ticked(made)[0] ?? '',
  ticked(where)[0] ?? '',
]);

test.each(law)('%s stands only below %s', (made, where) => {
  const elsewhere = sources()
    .filter((file) => !file.startsWith(`${where}/`) && file !== 'src/domain/corridor.ts')
    .filter((file) => read(file).includes(made as string));
  expect(elsewhere).toEqual([]);
});

test('the law covers every class of the corridor', () => {
  const classes = [...read('src/domain/corridor.ts').matchAll(/^export class (\w+)/gm)].map(
    ([, name]) => name,
  );
  const covered = law.map(([made = '']) => /^(?:new )?(\w+)/.exec(made)?.[1]);
  expect(classes.filter((name) => name !== 'CorridorError' && !covered.includes(name))).toEqual([]);
});
