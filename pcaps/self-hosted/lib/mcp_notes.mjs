// An MCP server of notes, by the protocol's own package: mcp_server.mjs serves it over HTTP,
// "mcp_notes.mjs --stdio" over standard input and output, for gateways to be put before.
import {McpServer} from '@modelcontextprotocol/sdk/server/mcp.js';
import {StdioServerTransport} from '@modelcontextprotocol/sdk/server/stdio.js';
import {z} from 'zod';

export function notes() {
  const server = new McpServer({name: 'notes', version: '1.2.0'});
  server.registerTool('read_note', {description: 'Reads a note', inputSchema: {name: z.string()}}, async () => ({content: [{type: 'text', text: 'buy milk'}]}));
  server.registerTool('add', {description: 'Adds', inputSchema: {a: z.number(), b: z.number()}}, async ({a, b}) => ({content: [{type: 'text', text: String(a + b)}]}));
  return server;
}

if (process.argv.includes('--stdio')) await notes().connect(new StdioServerTransport());
