// @ts-check
// A bare server of the MCP SDK with one tool: the least that any server in this language can cost.
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import * as z from 'zod';

const server = new McpServer({ name: 'echo', version: '1.0.0' });
server.registerTool(
  'ping',
  {
    description: 'Echo.',
    inputSchema: {},
    outputSchema: {
      status: z.string(),
      version: z.string(),
      mode: z.string(),
      agent_id: z.string(),
      degraded: z.array(z.string()),
    },
  },
  () => {
    const answer = { status: 'pong', version: '1.0.0', mode: 'echo', agent_id: 'agent_0000000000000000', degraded: [] };
    return { content: [{ type: 'text', text: JSON.stringify(answer) }], structuredContent: answer };
  },
);
process.stdin.on('end', () => process.exit(0));
await server.connect(new StdioServerTransport());
