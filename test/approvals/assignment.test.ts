import fc from 'fast-check';
import { type Approval, fulfils, meetsTerms, standing, type Vote } from '../../src/approvals/index.js';
import type { ApprovalRequirement, Approvers } from '../../src/domain/index.js';
import { callOf, principal, REQUIREMENT, terms } from './calls.js';

const START = '2026-01-01T00:00:00.000Z';
const at = (seconds: number) => new Date(Date.parse(START) + seconds * 1000).toISOString();

const GROUPS = ['a', 'b', 'c', 'd', 'e'];
const someGroups = fc.subarray(GROUPS, { minLength: 1 });
const body: fc.Arbitrary<Approvers> = fc.record(
  {
    groups: someGroups,
    quorum: fc.integer({ min: 1, max: 3 }),
    escalate: fc.record({ after_seconds: fc.integer({ min: 1, max: 9 }), groups: someGroups }),
    break_glass: someGroups,
  },
  { requiredKeys: ['groups', 'quorum'] },
);
const requirement: fc.Arbitrary<ApprovalRequirement> = fc.record({
  all_of: fc.array(body, { minLength: 1, maxLength: 4 }),
  ttl_seconds: fc.constant(900),
});
const votes: fc.Arbitrary<Vote[]> = fc
  .array(
    fc.record(
      {
        groups: fc.subarray(GROUPS),
        verdict: fc.constantFrom('approve', 'approve', 'approve', 'deny'),
        votedAt: fc.integer({ min: 0, max: 10 }).map(at),
        breaksGlass: fc.constant(true),
      },
      { requiredKeys: ['groups', 'verdict', 'votedAt'] },
    ),
    { maxLength: 8 },
  )
  .map((cast) => cast.map((vote, index) => ({ ...vote, voter: `voter ${index}` }) as Vote));

const meet = (some: readonly string[], own: readonly string[]) => some.some((group) => own.includes(group));

/** The same question, answered by trying everything: who sits on which seat. Slow, and plain to read. */
function canBeSeated(cast: readonly Vote[], { all_of }: ApprovalRequirement): boolean {
  const agreed = cast.filter(({ verdict }) => verdict === 'approve');
  const breaks = (vote: Vote, one: Approvers) =>
    vote.breaksGlass === true && meet(one.break_glass ?? [], vote.groups);
  const seats = all_of
    .filter((one) => !agreed.some((vote) => breaks(vote, one)))
    .flatMap((one) => Array.from({ length: one.quorum }, () => one));
  const counts = (vote: Vote, { groups, escalate }: Approvers) =>
    meet(groups, vote.groups) ||
    (escalate !== undefined &&
      vote.votedAt >= at(escalate.after_seconds) &&
      meet(escalate.groups, vote.groups));
  const fill = ([seat, ...others]: readonly Approvers[], free: readonly Vote[]): boolean =>
    seat === undefined ||
    free.some(
      (vote) =>
        counts(vote, seat) &&
        fill(
          others,
          free.filter((other) => other !== vote),
        ),
    );
  return fill(
    seats,
    agreed.filter((vote) => !all_of.some((one) => breaks(vote, one))),
  );
}

test('votes are enough exactly where each seat of each body can have a voter of its own', () => {
  let enough = 0;
  fc.assert(
    fc.property(requirement, votes, (needed, cast) => {
      const isEnough = fulfils({ requestedAt: START, votes: cast }, needed);
      if (isEnough) enough += 1;
      expect(isEnough).toBe(canBeSeated(cast, needed));
    }),
    { numRuns: 3_000 },
  );
  expect(enough).toBeGreaterThan(300);
});

test('the order of votes does not matter, nor does that of bodies', () => {
  const shuffled = votes.chain((cast) =>
    fc.tuple(fc.constant(cast), fc.shuffledSubarray(cast, { minLength: cast.length })),
  );
  fc.assert(
    fc.property(requirement, shuffled, (needed, [cast, other]) => {
      const reversed = { ...needed, all_of: [...needed.all_of].reverse() };
      const expected = fulfils({ requestedAt: START, votes: cast }, needed);
      expect(fulfils({ requestedAt: START, votes: other }, needed)).toBe(expected);
      expect(fulfils({ requestedAt: START, votes: cast }, reversed)).toBe(expected);
    }),
    { numRuns: 1_000 },
  );
});

test('without broken glass there are never fewer people than all bodies ask for', () => {
  fc.assert(
    fc.property(requirement, votes, (needed, cast) => {
      const plain = cast.map(({ breaksGlass: _, ...vote }) => vote);
      const people = plain.filter(({ verdict }) => verdict === 'approve').length;
      const asked = needed.all_of.reduce((sum, { quorum }) => sum + quorum, 0);
      if (fulfils({ requestedAt: START, votes: plain }, needed)) expect(people).toBeGreaterThanOrEqual(asked);
    }),
    { numRuns: 1_000 },
  );
});

test('one more yes never takes a yes back', () => {
  fc.assert(
    fc.property(requirement, votes, (needed, cast) => {
      const before = fulfils({ requestedAt: START, votes: cast.slice(0, -1) }, needed);
      if (before) expect(fulfils({ requestedAt: START, votes: cast }, needed)).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});

const ANNS_YES: Vote = { voter: 'ann', groups: ['oncall'], verdict: 'approve', votedAt: at(60) };
const APPROVED: Approval = {
  id: 'apr_1',
  state: 'approved',
  call: callOf('{}'),
  ...terms(),
  requestedAt: START,
  expiresAt: at(900),
  votes: [ANNS_YES],
  uses: 0,
};

test.each<[string, Partial<Approval>, Partial<ApprovalRequirement>, number, boolean]>([
  ['as they were', {}, {}, 61, true],
  ['of other groups', {}, { all_of: [{ groups: ['bosses'], quorum: 1 }] }, 61, false],
  ['of a higher quorum', {}, { all_of: [{ groups: ['oncall'], quorum: 2 }] }, 61, false],
  ['of more bodies', {}, { all_of: [...REQUIREMENT.all_of, { groups: ['oncall'], quorum: 1 }] }, 61, false],
  ['of fewer people', { votes: [ANNS_YES, { ...ANNS_YES, voter: 'bob' }] }, {}, 61, true],
  ['of a shorter wait, within it', {}, { ttl_seconds: 100 }, 99, true],
  ['of a shorter wait, after it', {}, { ttl_seconds: 100 }, 100, false],
  ['of fewer uses', { uses: 2 }, { grant: { uses: 2, valid_seconds: 900 } }, 61, false],
  ['of uses that are left', { uses: 1 }, { grant: { uses: 2, valid_seconds: 900 } }, 61, true],
  ['without further uses', { uses: 1 }, {}, 61, false],
  ['of a shorter grant, within it', {}, { grant: { uses: 1, valid_seconds: 30 } }, 89, true],
  ['of a shorter grant, after it', {}, { grant: { uses: 1, valid_seconds: 30 } }, 90, false],
  ['of a class, for one call', {}, { grant: { uses: 1, valid_seconds: 900, class: 'c' } }, 61, true],
])('a yes meets terms %s: %#', (_what, more, now, seconds, meets) => {
  expect(meetsTerms({ ...APPROVED, ...more }, { ...REQUIREMENT, ...now }, new Date(at(seconds)))).toBe(meets);
});

test('a yes to a class meets terms of that class only', () => {
  const grant = { uses: 9, valid_seconds: 900, class: 'c' };
  const ofClass = { ...APPROVED, requirement: { ...REQUIREMENT, grant } };
  const now = new Date(at(61));
  expect(meetsTerms(ofClass, { ...REQUIREMENT, grant }, now)).toBe(true);
  expect(meetsTerms(ofClass, { ...REQUIREMENT, grant: { ...grant, class: 'd' } }, now)).toBe(false);
  expect(meetsTerms(ofClass, { ...REQUIREMENT, grant: { uses: 9, valid_seconds: 900 } }, now)).toBe(false);
  expect(meetsTerms(ofClass, REQUIREMENT, now)).toBe(false);
});

test('says how somebody stands to an approval', () => {
  const all_of = [
    {
      groups: ['oncall'],
      quorum: 1,
      escalate: { after_seconds: 60, groups: ['others'] },
      break_glass: ['chiefs'],
    },
  ];
  const pending: Approval = {
    ...APPROVED,
    state: 'pending',
    requirement: { ...REQUIREMENT, all_of },
    votes: [],
  };
  const stands = (groups: string[], seconds = 0, name = 'bob', approval = pending) =>
    standing(approval, principal(name, groups), new Date(at(seconds)));
  expect(stands(['oncall'])).toEqual({ vote: true, breakGlass: false });
  expect(stands(['chiefs'])).toEqual({ vote: false, breakGlass: true });
  expect(stands(['oncall', 'chiefs'])).toEqual({ vote: true, breakGlass: true });
  const refused = (refusal: string) => ({ vote: false, breakGlass: false, refused: refusal });
  expect(stands(['others'])).toEqual(refused('not_permitted'));
  expect(stands(['others'], 60)).toEqual({ vote: true, breakGlass: false });
  expect(stands([])).toEqual(refused('not_permitted'));
  expect(stands(['oncall'], 0, 'agent')).toEqual(refused('own_request'));
  expect(stands(['oncall'], 900)).toEqual(refused('expired'));
  expect(stands(['oncall'], 0, 'bob', APPROVED)).toEqual(refused('not_pending'));
  expect(stands(['oncall'], 0, 'ann', APPROVED)).toEqual(refused('already_voted'));
});
