// mcp_server.mjs PORT  an MCP server by the protocol's own package: Streamable HTTP at /mcp, the older
// HTTP with SSE at /sse and /messages.
import http from 'node:http';
import {randomUUID} from 'node:crypto';
import {StreamableHTTPServerTransport} from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import {SSEServerTransport} from '@modelcontextprotocol/sdk/server/sse.js';
import {notes} from './mcp_notes.mjs';

const sessions = new Map();
const streams = new Map();
http.createServer(async (request, response) => {
  const path = request.url.split('?')[0];
  if (path === '/mcp') {
    const id = request.headers['mcp-session-id'];
    let transport = sessions.get(id);
    if (!transport) {
      transport = new StreamableHTTPServerTransport({sessionIdGenerator: randomUUID, onsessioninitialized: (name) => sessions.set(name, transport)});
      await notes().connect(transport);
    }
    await transport.handleRequest(request, response);
  } else if (path === '/sse') {
    const transport = new SSEServerTransport('/messages', response);
    streams.set(transport.sessionId, transport);
    await notes().connect(transport);
  } else if (path === '/messages') {
    const id = new URL(request.url, 'http://x').searchParams.get('sessionId');
    await streams.get(id).handlePostMessage(request, response);
  } else {
    response.writeHead(404).end();
  }
}).listen(Number(process.argv[2]), '0.0.0.0');
