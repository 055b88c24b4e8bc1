import { resolve } from 'node:path';
import type { CredentialInFile, HeaderInFile, TokenRequestInFile } from './file.js';

/** How the gateway proves itself to an upstream. */
export type CredentialConfig =
  | ({ readonly kind: 'header'; readonly name: string; readonly prefix: string } & (
      | { readonly file: string }
      | { readonly value: string }
    ))
  | ({ readonly kind: 'client_credentials' } & TokenRequestConfig)
  | ({
      readonly kind: 'token_exchange';
      readonly subjectTokenType: 'access_token' | 'id_token' | 'jwt';
      readonly audience?: string;
    } & TokenRequestConfig)
  | {
      readonly kind: 'signed_jwt';
      readonly audience: string;
      readonly lifetimeSeconds: number;
      readonly claims: Readonly<Record<string, string>>;
    };

interface TokenRequestConfig {
  readonly server: { readonly tokenEndpoint: string } | { readonly issuer: string };
  readonly client: { readonly clientId: string } & (
    | { readonly secretFile: string }
    | { readonly privateKeyFile: string; readonly keyId?: string }
  );
  readonly scope?: string;
  readonly resource?: string;
}

/**
 * The credential that a valid file stands for.
 *
 * @param url - of its upstream
 * @param directory - where the file's relative paths start
 */
export function credentialOf(file: CredentialInFile, url: string, directory: string): CredentialConfig {
  const { header, client_credentials, token_exchange, signed_jwt } = file;
  if (header !== undefined) return headerOf(header, directory);
  if (client_credentials !== undefined)
    return { kind: 'client_credentials', ...tokenRequestOf(client_credentials, directory) };
  if (token_exchange !== undefined) {
    const { subject_token_type: subjectTokenType, audience } = token_exchange;
    const request = tokenRequestOf(token_exchange, directory);
    return {
      kind: 'token_exchange',
      subjectTokenType,
      ...request,
      ...(audience !== undefined && { audience }),
    };
  }
  const { audience = url, lifetime_seconds: lifetimeSeconds = 0, claims = {} } = signed_jwt ?? {};
  return { kind: 'signed_jwt', audience, lifetimeSeconds, claims };
}

function headerOf({ name, prefix, file, value = '' }: HeaderInFile, directory: string): CredentialConfig {
  const usual = name.toLowerCase() === 'authorization' ? 'Bearer ' : '';
  const header = { kind: 'header', name, prefix: prefix ?? usual } as const;
  return file === undefined ? { ...header, value } : { ...header, file: resolve(directory, file) };
}

function tokenRequestOf(file: TokenRequestInFile, directory: string): TokenRequestConfig {
  const { token_endpoint, issuer = '', client_id: clientId, scope, resource, key_id: keyId } = file;
  const { client_secret_file, private_key_file = '' } = file;
  return {
    server: token_endpoint === undefined ? { issuer } : { tokenEndpoint: token_endpoint },
    client:
      client_secret_file === undefined
        ? {
            clientId,
            privateKeyFile: resolve(directory, private_key_file),
            ...(keyId !== undefined && { keyId }),
          }
        : { clientId, secretFile: resolve(directory, client_secret_file) },
    ...(scope !== undefined && { scope }),
    ...(resource !== undefined && { resource }),
  };
}
