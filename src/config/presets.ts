import type { PrincipalKind } from '../domain/index.js';
import type { Algorithm } from './file.js';

/** In `required_claims`: the claim has to be there, whatever it says. */
export const ANY_VALUE = '*';

interface PresetRules {
  /** The one issuer of the platform, where it has one. */
  readonly issuer?: string;
  /** What its tokens are signed with. */
  readonly algorithms: readonly Algorithm[];
  readonly maxTokenLifeSeconds: number;
  /**
   * Of a platform on which everybody can have tokens for any audience: the claims that say whose a token is. One of
   * them has to be among the required ones.
   */
  readonly pins?: readonly string[];
  /** Whether there are pull requests. */
  readonly hasPullRequests?: true;
}

const USUAL = { algorithms: ['RS256', 'ES256', 'EdDSA'], maxTokenLifeSeconds: 3600 } as const;

/** What the configuration of an issuer begins with, and what it has to say, by its preset. */
export const PRESET_RULES: Readonly<Record<PrincipalKind, PresetRules>> = {
  oidc: USUAL,
  kubernetes: { ...USUAL, algorithms: ['RS256', 'ES256'] },
  github_actions: {
    issuer: 'https://token.actions.githubusercontent.com',
    algorithms: ['RS256'],
    maxTokenLifeSeconds: 3600,
    pins: [
      'repository',
      'repository_id',
      'repository_owner',
      'repository_owner_id',
      'enterprise',
      'enterprise_id',
    ],
    hasPullRequests: true,
  },
  gitlab_ci: {
    issuer: 'https://gitlab.com',
    algorithms: ['RS256'],
    maxTokenLifeSeconds: 3600,
    pins: ['project_path', 'project_id', 'namespace_path', 'namespace_id'],
    hasPullRequests: true,
  },
  // Their standard knows no EdDSA.
  spiffe: { algorithms: ['RS256', 'ES256', 'ES384'], maxTokenLifeSeconds: 3600 },
  aws: { algorithms: ['RS256', 'ES384'], maxTokenLifeSeconds: 3600 },
  gcp: {
    issuer: 'https://accounts.google.com',
    algorithms: ['RS256'],
    maxTokenLifeSeconds: 3600,
    pins: ['email', 'sub', 'google.compute_engine.project_id', 'google.compute_engine.project_number'],
  },
  // A managed identity's token lives for a day.
  azure: { algorithms: ['RS256'], maxTokenLifeSeconds: 90_000 },
};

/** The rules of an issuer's preset, or undefined where its value is no preset. */
export function presetRules(preset: unknown): PresetRules | undefined {
  return typeof preset === 'string' && Object.hasOwn(PRESET_RULES, preset)
    ? PRESET_RULES[preset as PrincipalKind]
    : undefined;
}
