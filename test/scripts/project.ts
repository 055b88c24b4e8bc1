import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const SCRIPTS = new URL('../../scripts/', import.meta.url);

/** The scripts are plain JavaScript; a test says which of their functions it uses. */
export async function importScript<Exports>(name: string): Promise<Exports> {
  return (await import(new URL(name, SCRIPTS).pathname)) as Exports;
}

/** Stands for npm: installs a compiler that copies `src` to where it is told. Each writes when it was called. */
const NPM = `
import { appendFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
appendFileSync('calls', 'npm ' + process.pid + '\\n');
rmSync('node_modules', { recursive: true, force: true });
mkdirSync('node_modules/typescript/bin', { recursive: true });
if (existsSync('npm-hangs')) setInterval(() => undefined, 1000);
else writeFileSync('node_modules/typescript/bin/tsc', ${JSON.stringify(`
const { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync } = require('node:fs');
appendFileSync('calls', 'tsc ' + process.pid + '\\n');
const out = process.argv[process.argv.indexOf('--outDir') + 1];
mkdirSync(out, { recursive: true });
if (existsSync('tsc-hangs')) setInterval(() => undefined, 1000);
else if (existsSync('tsc-fails')) { console.log('src/a.ts(1,1): error'); process.exit(2); }
else cpSync('src', out, { recursive: true });
`)});
`;

/** A small project with the real scripts, in which npm and the compiler are stand-ins. */
export class Project {
  readonly folder = mkdtempSync(join(tmpdir(), 'regate-setup-'));

  constructor() {
    cpSync(SCRIPTS, this.path('scripts'), { recursive: true });
    this.write('npm-cli.js', NPM);
    this.write('package.json', JSON.stringify({ type: 'module', bin: { regate: 'dist/main.js' } }));
    this.write('package-lock.json', '{}');
    this.write('tsconfig.json', '{}');
    this.write('src/main.js', '// the program');
    this.write('src/bundles/opa.js', 'export const locateOpa = async () => "opa";');
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  write(name: string, text: string): void {
    mkdirSync(join(this.path(name), '..'), { recursive: true });
    writeFileSync(this.path(name), text);
  }

  /** Who was called so far: `npm` or `tsc`, and the process id. */
  calls(): [name: string, pid: number][] {
    if (!existsSync(this.path('calls'))) return [];
    const lines = readFileSync(this.path('calls'), 'utf8').trim().split('\n');
    return lines.map((line) => [line.split(' ')[0] ?? '', Number(line.split(' ')[1])]);
  }

  start(): ChildProcess {
    const env = { ...process.env, npm_execpath: this.path('npm-cli.js') };
    return spawn(process.execPath, [this.path('scripts/setup.mjs')], { env, stdio: 'pipe' });
  }

  async setUp(): Promise<{ code: number; output: string }> {
    const child = this.start();
    let output = '';
    child.stdout?.on('data', (text) => (output += text));
    child.stderr?.on('data', (text) => (output += text));
    const [code] = await once(child, 'close');
    return { code: code as number, output };
  }

  /** Kills the set-up without warning while a stand-in hangs, and waits until that one is gone too. */
  async killWhile(name: string): Promise<void> {
    const before = this.calls().length;
    this.write(`${name}-hangs`, '');
    const child = this.start();
    await until(() =>
      this.calls()
        .slice(before)
        .some(([called]) => called === name),
    );
    child.kill('SIGKILL');
    await once(child, 'close');
    const [, pid] = this.calls().findLast(([called]) => called === name) ?? ['', 0];
    await until(() => !alive(pid));
    rmSync(this.path(`${name}-hangs`));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await wait(10);
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}
