import type { PrincipalKind } from '../../domain/index.js';
import type { IssuerOptions } from '../options.js';
import { aws } from './aws.js';
import { azure } from './azure.js';
import { gcp } from './gcp.js';
import { githubActions } from './github-actions.js';
import { gitlabCi } from './gitlab-ci.js';
import { kubernetes } from './kubernetes.js';
import { oidc } from './oidc.js';
import type { Preset } from './preset.js';
import { spiffe } from './spiffe.js';

export type { Preset, Reading } from './preset.js';
export { trustDomainUri } from './spiffe.js';

/** Every platform whose tokens are read in its own words; each is one file. */
export const PRESETS = {
  oidc,
  kubernetes,
  github_actions: githubActions,
  gitlab_ci: gitlabCi,
  spiffe,
  aws,
  gcp,
  azure,
} as const satisfies { [Name in PrincipalKind]: Preset<Name> };

/** The preset of an issuer. */
export function presetOf({ preset = 'oidc' }: IssuerOptions): (typeof PRESETS)[PrincipalKind] {
  return PRESETS[preset];
}
