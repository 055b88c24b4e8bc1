import type { ChannelName } from './names.js';

/** What is done to a channel: an archive is published to it, or what another channel has is promoted to it. */
export type ChannelAction = 'publish' | 'promote';

/** Members of these groups may do this with these bundles in these channels; `*` stands for all. */
export interface PublisherRule {
  readonly groups: readonly string[];
  readonly actions: readonly ChannelAction[];
  readonly bundles: readonly string[];
  readonly channels: readonly string[];
}

/** Whether a member of these groups may do something to a channel: whether any rule says so. */
export function mayChange(
  rules: readonly PublisherRule[],
  groups: readonly string[],
  action: ChannelAction,
  { bundle, channel }: ChannelName,
): boolean {
  return rules.some(
    (rule) =>
      rule.groups.some((group) => groups.includes(group)) &&
      rule.actions.includes(action) &&
      names(rule.bundles, bundle) &&
      names(rule.channels, channel),
  );
}

function names(listed: readonly string[], name: string): boolean {
  return listed.includes(name) || listed.includes('*');
}
