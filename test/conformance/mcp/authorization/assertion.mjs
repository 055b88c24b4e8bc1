/** Step one of "Enterprise-Managed Authorization": what the enterprise's identity provider knows becomes a grant. */

/**
 * Exchanges an ID token for an assertion (RFC 8693).
 *
 * @param {{idp_token_endpoint: string, idp_client_id: string, idp_id_token: string}} identityProvider
 * @param {{issuer: string, resource: string}} target the authorization server of the MCP server, and that server
 * @returns {Promise<string>}
 */
export async function exchangeForAssertion(identityProvider, { issuer, resource }) {
  const answer = await fetch(identityProvider.idp_token_endpoint, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      requested_token_type: 'urn:ietf:params:oauth:token-type:id-jag',
      audience: issuer,
      resource,
      client_id: identityProvider.idp_client_id,
      subject_token: identityProvider.idp_id_token,
      subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
    }),
  });
  if (!answer.ok) throw new Error(`the identity provider answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()).access_token;
}
