// a2a_agent.mjs HOST PORT  an agent by A2A's own package, by JSON-RPC and by REST.
import express from 'express';
import {AgentEvent, DefaultRequestHandler, InMemoryTaskStore} from '@a2a-js/sdk/server';
import {agentCardHandler, jsonRpcHandler, restHandler, UserBuilder} from '@a2a-js/sdk/server/express';

const [host, port] = process.argv.slice(2);
const base = `http://${host}:${port}`;
const card = {
  name: 'Room finder', description: 'Finds quiet rooms', version: '3.1.0', provider: undefined, securitySchemes: {}, securityRequirements: [], signatures: [],
  supportedInterfaces: [{url: `${base}/a2a`, protocolBinding: 'JSONRPC', tenant: '', protocolVersion: '1.0'}, {url: `${base}/rest`, protocolBinding: 'HTTP+JSON', tenant: '', protocolVersion: '1.0'}],
  capabilities: {streaming: true, pushNotifications: false, extensions: [], extendedAgentCard: false}, defaultInputModes: ['text'], defaultOutputModes: ['text'],
  skills: [{id: 'find', name: 'Find a room', description: 'Finds one', tags: ['rooms'], examples: [], inputModes: [], outputModes: [], securityRequirements: []}],
};
const executor = {
  async execute(context, bus) {
    bus.publish(AgentEvent.message({messageId: '1', contextId: context.contextId, taskId: '', role: 2, parts: [{content: {$case: 'text', value: 'The one upstairs.'}, metadata: {}, filename: '', mediaType: ''}], metadata: {}, extensions: [], referenceTaskIds: []}));
    bus.finished();
  },
  async cancelTask() {},
};
const requestHandler = new DefaultRequestHandler(card, new InMemoryTaskStore(), executor);
const userBuilder = UserBuilder.noAuthentication;
const app = express();
app.use('/.well-known/agent-card.json', agentCardHandler({agentCardProvider: requestHandler}));
app.use('/a2a', jsonRpcHandler({requestHandler, userBuilder}));
app.use('/rest', restHandler({requestHandler, userBuilder}));
app.listen(Number(port), '0.0.0.0');
