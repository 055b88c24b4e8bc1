import type { Certificate } from './certificate.js';

const ANY_POLICY = '2.5.29.32.0';

/** A policy that is valid down to some certificate of a chain. */
interface Node {
  readonly policy: string;
  /** What the next certificate may call it. */
  expected: readonly string[];
  readonly parents: Set<Node>;
  readonly children: Set<Node>;
}

/** The nodes for one certificate, by their policies. */
type Level = Map<string, Node>;

/** How many more certificates may come before a rule holds. */
interface Countdown {
  explicit: number;
  mapping: number;
  any: number;
}

/**
 * Whether the policies of a chain's certificates go together, where one of them demands that they do.
 *
 * @param chain from the leaf to the root
 * Source: RFC 5280, section 6.1, as RFC 9618 changes it
 */
export function hasValidPolicies(chain: readonly Certificate[]): boolean {
  const below = chain.slice(0, -1).reverse();
  if (below.length === 0) return true;
  const start = below.length + 1;
  const countdown: Countdown = { explicit: start, mapping: start, any: start };
  let levels: Level[] | undefined = [new Map([[ANY_POLICY, newNode(ANY_POLICY, [])]])];
  for (const [index, certificate] of below.entries()) {
    const isLeaf = index === below.length - 1;
    if ((certificate.claims.policies ?? []).length === 0) levels = undefined;
    if (countdown.explicit === 0 && levels === undefined) return false;
    if (levels !== undefined) {
      addLevel(levels, certificate, countdown.any > 0 || (!isLeaf && isSelfIssued(certificate)));
      if (!isLeaf && !mapPolicies(levels, certificate, countdown.mapping > 0)) return false;
    }
    if (!isLeaf) advance(countdown, certificate);
  }
  const leafDemands = below.at(-1)?.claims.policyConstraints?.explicit === 0;
  const demanded = countdown.explicit <= 1 || leafDemands;
  return !demanded || (levels !== undefined && hasValidNode(levels));
}

/** Section 6.1.3 (d) */
function addLevel(levels: Level[], { claims }: Certificate, mayUseAny: boolean): void {
  const above = levels.at(-1) ?? new Map<string, Node>();
  const level: Level = new Map();
  levels.push(level);
  const byExpected = grouped(
    [...above.values()].flatMap((node) => node.expected.map((policy) => [policy, node] as const)),
  );
  const policies = claims.policies ?? [];
  for (const policy of policies) {
    if (policy === ANY_POLICY) continue;
    const any = above.get(ANY_POLICY);
    const parents = byExpected.get(policy) ?? (any === undefined ? [] : [any]);
    if (parents.length > 0) level.set(policy, newNode(policy, parents));
  }
  if (mayUseAny && policies.includes(ANY_POLICY)) {
    for (const [policy, parents] of byExpected) {
      if (!level.has(policy)) level.set(policy, newNode(policy, parents));
    }
  }
  prune(levels);
}

/** Section 6.1.4 (b); false where a mapping is of any policy, which none may be. */
function mapPolicies(levels: Level[], { claims }: Certificate, mayMap: boolean): boolean {
  const mappings = claims.policyMappings ?? [];
  if (mappings.length === 0) return true;
  const level = levels.at(-1) ?? new Map<string, Node>();
  if (!mayMap) {
    for (const { issuer } of mappings) remove(level, issuer);
    prune(levels);
    return true;
  }
  if (mappings.some(({ issuer, subject }) => issuer === ANY_POLICY || subject === ANY_POLICY)) return false;
  const any = level.get(ANY_POLICY);
  for (const [issuer, subjects] of grouped(
    mappings.map(({ issuer, subject }) => [issuer, subject] as const),
  )) {
    const node = level.get(issuer) ?? (any && newNode(issuer, [any]));
    if (node === undefined) continue;
    node.expected = subjects;
    level.set(issuer, node);
  }
  return true;
}

/** Section 6.1.4 (h) to (j) */
function advance(countdown: Countdown, certificate: Certificate): void {
  const step = isSelfIssued(certificate) ? 0 : 1;
  const { policyConstraints, inhibitAnyPolicy } = certificate.claims;
  const lowered = (count: number, bound: number | undefined) =>
    Math.min(Math.max(0, count - step), bound !== undefined && bound >= 0 ? bound : Number.POSITIVE_INFINITY);
  countdown.explicit = lowered(countdown.explicit, policyConstraints?.explicit);
  countdown.mapping = lowered(countdown.mapping, policyConstraints?.inhibitMapping);
  countdown.any = lowered(countdown.any, inhibitAnyPolicy);
}

/** Section 6.1.5 (g): one that only any policy stands above, or any policy down to the leaf. */
function hasValidNode(levels: readonly Level[]): boolean {
  const isRooted = ({ policy, parents }: Node) => {
    const [parent] = parents;
    return policy !== ANY_POLICY && parents.size === 1 && parent?.policy === ANY_POLICY;
  };
  return (
    levels.at(-1)?.has(ANY_POLICY) === true || levels.some((level) => [...level.values()].some(isRooted))
  );
}

/** Takes away what nothing is left below of. */
function prune(levels: readonly Level[]): void {
  for (const level of levels.slice(1, -1).reverse()) {
    for (const [policy, node] of level) if (node.children.size === 0) remove(level, policy);
  }
}

function remove(level: Level, policy: string): void {
  const node = level.get(policy);
  for (const parent of node?.parents ?? []) if (node) parent.children.delete(node);
  for (const child of node?.children ?? []) if (node) child.parents.delete(node);
  level.delete(policy);
}

function newNode(policy: string, parents: readonly Node[]): Node {
  const node = { policy, expected: [policy], parents: new Set(parents), children: new Set<Node>() };
  for (const parent of parents) parent.children.add(node);
  return node;
}

function grouped<Item>(pairs: readonly (readonly [key: string, item: Item])[]): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const [key, item] of pairs) {
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

function isSelfIssued({ rawIssuer, rawSubject }: Certificate): boolean {
  return rawIssuer.equals(rawSubject);
}
