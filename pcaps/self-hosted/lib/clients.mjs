// clients.mjs KIND URL [MODEL]  one short visit by the vendor's own package.
const [kind, url, model] = process.argv.slice(2);
const messages = [{role: 'user', content: 'Describe a quiet room.'}];
const tools = [{type: 'function', function: {name: 'get_weather', parameters: {type: 'object', properties: {city: {type: 'string'}}}}}];

// A package's export, however old its modules are.
const load = async (name, key) => {
  const all = await import(name);
  return all[key] ?? all.default?.[key] ?? all.default?.default ?? all.default;
};

const visits = {
  async openai() {
    const {default: OpenAI} = await import('openai');
    const client = new OpenAI({baseURL: /\/v1/.test(url) ? url : `${url}/v1`, apiKey: process.env.API_KEY || 'not-needed'});
    const all = [];
    for await (const each of await client.models.list()) all.push(each.id);
    await client.chat.completions.create({model: model || all[0], messages, tools});
    const stream = await client.chat.completions.create({model: model || all[0], messages, stream: true, stream_options: {include_usage: true}});
    let pieces = 0;
    for await (const piece of stream) pieces += piece.choices.length;
    if (pieces < 2) throw new Error(`only ${pieces} pieces`);
  },
  async anthropic() {
    const {default: Anthropic} = await import('@anthropic-ai/sdk');
    const client = new Anthropic({baseURL: url, apiKey: process.env.API_KEY || 'not-needed'});
    await client.messages.create({model, max_tokens: 16, messages});
    const stream = client.messages.stream({model, max_tokens: 16, messages});
    if (!(await stream.finalMessage()).content.length) throw new Error('an empty answer');
  },
  async petals() {
    const {default: WebSocket} = await import('ws');
    const socket = new WebSocket(`${url.replace('http', 'ws')}/api/v2/generate`, {perMessageDeflate: false});
    const next = () => new Promise((done, fail) => socket.once('message', done).once('error', fail));
    await new Promise((done, fail) => socket.once('open', done).once('error', fail));
    for (const each of [{type: 'open_inference_session', model, max_length: 64}, {type: 'generate', inputs: 'A quiet', max_new_tokens: 1}]) {
      socket.send(JSON.stringify(each));
      await next();
    }
    socket.close();
    await new Promise((done) => socket.once('close', done));
  },
  async langchain() {
    const {ChatOpenAI} = await import('@langchain/openai');
    const chat = new ChatOpenAI({model, apiKey: process.env.API_KEY || 'not-needed', configuration: {baseURL: `${url}/v1`}});
    await chat.invoke('Describe a quiet room.');
  },
  async portkey() {
    const Portkey = await load('portkey-ai', 'Portkey');
    const client = new Portkey({baseURL: `${url}/v1`, apiKey: 'made-up-portkey-key', provider: 'openai', Authorization: 'Bearer made-up-key', ...(process.env.PORTKEY_HOST ? {customHost: process.env.PORTKEY_HOST} : {})});
    await client.chat.completions.create({model, messages});
  },
  async huggingface() {
    const {InferenceClient} = await import('@huggingface/inference');
    const client = new InferenceClient();
    await client.endpoint(url).textGeneration({inputs: 'A'}).catch(() => {});
  },
  async qdrant() {
    const {QdrantClient} = await import('@qdrant/js-client-rest');
    const client = new QdrantClient({url, checkCompatibility: false});
    await client.getCollections();
    await client.createCollection('docs', {vectors: {size: 2, distance: 'Cosine'}});
    await client.upsert('docs', {points: [{id: 1, vector: [0.1, 0.2], payload: {text: 'a'}}]});
    await client.search('docs', {vector: [0.1, 0.2], limit: 1});
  },
  async elasticsearch() {
    const {Client} = await import('@elastic/elasticsearch');
    const client = new Client({node: url});
    await client.indices.create({index: 'docs', mappings: {properties: {v: {type: 'dense_vector', dims: 2}}}});
    await client.search({index: 'docs', knn: {field: 'v', query_vector: [0.1, 0.2], k: 1, num_candidates: 10}});
    await client.close();
  },
  async opensearch() {
    const {Client} = await import('@opensearch-project/opensearch');
    const client = new Client({node: url});
    await client.info();
    await client.indices.create({index: 'docs', body: {settings: {index: {knn: true}}, mappings: {properties: {v: {type: 'knn_vector', dimension: 2}}}}});
    await client.search({index: 'docs', body: {query: {knn: {v: {vector: [0.1, 0.2], k: 1}}}}});
    await client.close();
  },
  async pinecone() {
    const {Pinecone} = await import('@pinecone-database/pinecone');
    const client = new Pinecone({apiKey: 'pclocal', controllerHostUrl: url});
    await client.listIndexes();
    const docs = client.index({host: url});
    await docs.upsert({records: [{id: '1', values: [0.1, 0.2]}]});
    await docs.query({vector: [0.1, 0.2], topK: 1});
  },
  async 'llama-stack'() {
    const LlamaStackClient = await load('llama-stack-client', 'LlamaStackClient');
    const client = new LlamaStackClient({baseURL: url});
    await client.models.list();
    await client.chat.completions.create({model, messages});
  },
  async firecrawl() {
    const FirecrawlApp = await load('@mendable/firecrawl-js', 'FirecrawlApp');
    await new FirecrawlApp({apiUrl: url, apiKey: 'made-up-key'}).scrapeUrl('http://wiki.corp.example/', {formats: ['markdown']});
  },
  async chroma() {
    const {ChromaClient} = await import('chromadb');
    const {hostname, port} = new URL(url);
    const client = new ChromaClient({host: hostname, port: Number(port), ssl: false});
    await client.heartbeat();
    const docs = await client.getOrCreateCollection({name: 'docs', embeddingFunction: null});
    await docs.add({ids: ['1'], documents: ['a'], embeddings: [[0.1, 0.2]]});
    await docs.query({queryEmbeddings: [[0.1, 0.2]], nResults: 1});
  },
  async milvus() {
    const {HttpClient} = await import('@zilliz/milvus2-sdk-node');
    const client = new HttpClient({endpoint: url});
    await client.listCollections({});
    await client.insert({collectionName: 'docs', data: [{id: 1, vector: [0.1]}]});
    await client.search({collectionName: 'docs', data: [[0.1]], limit: 1});
  },
  async flowise() {
    const FlowiseClient = await load('flowise-sdk', 'FlowiseClient');
    const client = new FlowiseClient({baseUrl: url});
    await client.createPrediction({chatflowId: '6b2ac6c8-0000-4000-8000-000000000000', question: 'hello', streaming: false});
  },
  async langgraph() {
    const {Client} = await import('@langchain/langgraph-sdk');
    const client = new Client({apiUrl: url, apiKey: null});
    await client.assistants.search({});
    const thread = await client.threads.create();
    for await (const _ of client.runs.stream(thread.thread_id, 'agent', {input: {messages}})) void _;
  },
  async langfuse() {
    const Langfuse = await load('langfuse', 'Langfuse');
    const client = new Langfuse({baseUrl: url, publicKey: 'pk-lf-made-up', secretKey: 'sk-lf-made-up'});
    client.trace({name: 't'}).generation({name: 'g', model: 'llama3.2', input: messages});
    await client.shutdownAsync();
  },
  async gradio() {
    const {Client} = await import('@gradio/client');
    const app = await Client.connect(url).catch(() => null);
    if (app) await app.predict('/predict', ['a']).catch(() => {});
  },
  async a2a() {
    const {ClientFactory} = await import('@a2a-js/sdk/client');
    const client = await new ClientFactory().createFromUrl(url);
    const message = () => ({messageId: crypto.randomUUID(), contextId: '', taskId: '', role: 1, parts: [{content: {$case: 'text', value: 'Which rooms are quiet?'}, metadata: {}, filename: '', mediaType: ''}], metadata: {}, extensions: [], referenceTaskIds: []});
    const request = () => ({tenant: '', message: message(), configuration: undefined, metadata: {}});
    await client.sendMessage(request());
    for await (const _ of client.sendMessageStream(request())) void _;
  },
  async mcp() {
    const {Client} = await import('@modelcontextprotocol/sdk/client/index.js');
    const {StreamableHTTPClientTransport} = await import('@modelcontextprotocol/sdk/client/streamableHttp.js');
    const client = new Client({name: 'gnomon-lab', version: '1.0.0'});
    await client.connect(new StreamableHTTPClientTransport(new URL(url)));
    await client.listTools();
    if (model === 'list') return client.close();
    await client.callTool({name: 'read_note', arguments: {name: 'todo'}});
    await client.callTool({name: 'add', arguments: {a: 1, b: 2}});
    await client.close();
  },
  async 'mcp-sse'() {
    const {Client} = await import('@modelcontextprotocol/sdk/client/index.js');
    const {SSEClientTransport} = await import('@modelcontextprotocol/sdk/client/sse.js');
    const client = new Client({name: 'gnomon-lab', version: '1.0.0'});
    const headers = JSON.parse(process.env.HEADERS || '{}');
    await client.connect(new SSEClientTransport(new URL(url), {
      requestInit: {headers}, eventSourceInit: {fetch: (to, init) => fetch(to, {...init, headers: {...init.headers, ...headers}})},
    }));
    await client.listTools();
    await client.callTool({name: 'add', arguments: {a: 1, b: 2}});
    await client.close();
  },
};
if (!visits[kind]) throw new Error(`no client ${kind}`);
await visits[kind]();
process.exit(0);
