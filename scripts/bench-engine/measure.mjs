import { POLICIES, SIZES } from './inputs.mjs';

export const KINDS = /** @type {const} */ (['regate', 'sdk', 'sdk, bytes', 'opa server']);
const ROUNDS = 5;
const MILLION = 1_000_000;
/** How many decisions a batch has, by kilobytes of the message. */
const COUNTS = new Map([
  [1, 4_000],
  [10, 600],
  [100, 40],
  [1_000, 6],
]);

/**
 * @typedef {object} Row
 * @property {string} policy
 * @property {number} kilobytes
 * @property {string} kind
 * @property {number} p50 microseconds
 * @property {number} p99 microseconds
 * @property {number} cpu microseconds for each decision
 * @property {number} residentMebibytes
 */

/**
 * @param {(kind: string) => Promise<Awaited<ReturnType<typeof import('./contenders.mjs').startContender>>>} start
 * @param {boolean} quick
 * @param {(detail: string) => void} report
 */
export async function measure(start, quick, report) {
  const rounds = quick ? 1 : ROUNDS;
  const contenders = [];
  for (const kind of KINDS) contenders.push(await start(kind));
  const rows = [];
  for (const policy of POLICIES) {
    for (const kilobytes of SIZES) {
      report(`${policy}, ${kilobytes} KB`);
      rows.push(...(await turns(contenders, { policy, kilobytes, rounds, repeated: false })));
    }
  }
  const [regate] = contenders;
  const remembered = await turns([regate], { policy: 'role', kilobytes: 1, rounds, repeated: true });
  report('the first large decision');
  const first = await firstLarge(start, rows);
  report(`${MILLION} decisions`);
  const growth = await grow(regate, quick ? MILLION / 100 : MILLION);
  return { rows, remembered: remembered[0], first, growth };
}

/**
 * All contenders in turns, round after round, so that what the machine does meanwhile hits all of them.
 *
 * @returns {Promise<Row[]>}
 */
async function turns(contenders, { policy, kilobytes, rounds, repeated }) {
  const count = COUNTS.get(kilobytes) ?? 1;
  const measured = new Map(contenders.map(({ kind }) => [kind, []]));
  let serial = 1_000_000_000;
  for (let round = 0; round <= rounds; round += 1) {
    for (const { kind, run } of contenders) {
      const result = await run({ policy, kilobytes, count, serial, repeated });
      // The first round warms up.
      if (round > 0) measured.get(kind).push(result);
    }
    serial += repeated ? 0 : count;
  }
  return [...measured].map(([kind, results]) => ({ policy, kilobytes, kind, ...summary(results) }));
}

/** @param {readonly import('./contenders.mjs').Measured[]} results */
function summary(results) {
  const all = results.flatMap(({ microseconds }) => microseconds).sort((left, right) => left - right);
  const at = (share) => all[Math.min(all.length - 1, Math.floor(all.length * share))];
  const cpu = results.reduce((sum, { cpuMicroseconds }) => sum + cpuMicroseconds, 0);
  return {
    p50: at(0.5),
    p99: at(0.99),
    cpu: cpu / all.length,
    residentMebibytes: (results.at(-1)?.residentBytes ?? 0) / 2 ** 20,
  };
}

/** The very first decision of fresh processes is a large one: how does it compare with a warm one? */
async function firstLarge(start, rows) {
  const firsts = [];
  for (const policy of POLICIES) {
    const contender = await start('regate');
    const { microseconds } = await contender.run({
      policy,
      kilobytes: 1_000,
      count: 1,
      serial: 5,
      repeated: false,
    });
    contender.stop();
    const warm = rows.find(
      (row) => row.policy === policy && row.kilobytes === 1_000 && row.kind === 'regate',
    );
    firsts.push({ policy, first: microseconds[0], warm: warm.p50 });
  }
  return firsts;
}

/** Many different decisions: does the memory stay as it is? */
async function grow(contender, decisions) {
  const count = 5_000;
  const live = [];
  for (let done = 0; done < decisions; done += count) {
    const { liveBytes } = await contender.run({
      policy: 'role',
      kilobytes: 1,
      count,
      serial: 2_000_000_000 + done,
      repeated: false,
    });
    live.push(liveBytes / 2 ** 20);
  }
  const tenth = Math.ceil(live.length / 10);
  const mean = (list) => list.reduce((sum, value) => sum + value, 0) / list.length;
  return { decisions, early: mean(live.slice(tenth, 2 * tenth)), late: mean(live.slice(-tenth)) };
}
