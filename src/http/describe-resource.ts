/** Where RFC 9728 has a protected resource describe itself. */
export const RESOURCE_PATH = '/.well-known/oauth-protected-resource';

/**
 * The metadata of the protected resource (RFC 9728): where a client gets a token for it.
 * @param url of this server, without a slash at the end
 */
export function describeResource(issuer: string, url: string): Record<string, unknown> {
  return {
    resource: `${url}/mcp`,
    authorization_servers: [issuer],
    bearer_methods_supported: ['header'],
    resource_name: 'PopStash',
  };
}
