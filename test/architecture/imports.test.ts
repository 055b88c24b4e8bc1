import { posix } from 'node:path';
import { lawTable, read, sources, ticked } from './law.js';

interface Import {
  from: string;
  to: string;
  typesOnly: boolean;
}

const IMPORT =
  /^(?:import|export)\s+(type\s)?[^'"]*?from\s+'(\.[^']+)'|^import\s+'(\.[^']+)'|import\('(\.[^']+)'\)/gm;

function importsOf(file: string): Import[] {
  return [...read(file).matchAll(IMPORT)].map(([, type, from, bare, dynamic]) => ({
    from: file,
    to: posix.join(posix.dirname(file), from ?? bare ?? dynamic ?? '').replace(/\.js$/, '.ts'),
    typesOnly: type !== undefined,
  }));
}

const roomOf = (file: string) => file.split('/')[1] ?? '';
const law = new Map(
  lawTable('Who may import whom').map(([room, may]) => [
    ticked(room)[0] ?? '',
    {
      may: ticked(may.replaceAll(/\*[^*]+\*/g, '')),
      typesOnly: [...may.matchAll(/\*`([^`]+)`\*/g)].map(([, name = '']) => name),
    },
  ]),
);
const foreign = sources()
  .flatMap(importsOf)
  .filter(({ from, to }) => roomOf(from) !== roomOf(to));

test('every room of src stands in the law, and the law names no other', () => {
  expect([...new Set(sources().map(roomOf))].sort()).toEqual([...law.keys()].sort());
});

test('a room imports only what the law allows it', () => {
  const broken = foreign.filter(({ from, to, typesOnly }) => {
    const rule = law.get(roomOf(from));
    return !(rule?.may.includes(roomOf(to)) || (typesOnly && rule?.typesOnly.includes(roomOf(to))));
  });
  expect(broken).toEqual([]);
});

test("nobody imports past another room's index.ts", () => {
  expect(foreign.filter(({ to }) => to !== `src/${roomOf(to)}/index.ts`)).toEqual([]);
});
