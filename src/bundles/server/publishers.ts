import type { ChannelName } from './names.js';

/** Members of these groups may publish these bundles to these channels, and promote to them; `*` stands for all. */
export interface PublisherRule {
  readonly groups: readonly string[];
  readonly bundles: readonly string[];
  readonly channels: readonly string[];
}

/** Whether a member of these groups may publish to a channel: whether any rule says so. */
export function mayPublish(
  rules: readonly PublisherRule[],
  groups: readonly string[],
  { bundle, channel }: ChannelName,
): boolean {
  return rules.some(
    (rule) =>
      rule.groups.some((group) => groups.includes(group)) &&
      names(rule.bundles, bundle) &&
      names(rule.channels, channel),
  );
}

function names(listed: readonly string[], name: string): boolean {
  return listed.includes(name) || listed.includes('*');
}
