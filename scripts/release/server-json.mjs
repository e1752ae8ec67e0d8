// @ts-check

/**
 * What the MCP registry (registry.modelcontextprotocol.io) is told of a release: `mcp-publisher publish` sends it.
 * @param {Record<string, any>} development the repository's package.json
 * @returns {Record<string, unknown>}
 */
export function serverJson({ mcpName, version, repository, homepage }) {
  return {
    $schema: 'https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json',
    name: mcpName,
    // At most 100 characters.
    description: 'Memory, file locks and cost accounting for AI coding agents that work side by side.',
    repository: { url: repository.url.replace(/^git\+|\.git$/g, ''), source: 'github' },
    websiteUrl: homepage,
    version,
    packages: [
      {
        registryType: 'npm',
        identifier: 'popstash',
        version,
        transport: { type: 'stdio' },
        packageArguments: [{ type: 'positional', value: 'mcp' }],
      },
    ],
  };
}
