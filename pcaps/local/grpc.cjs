// `serve PORT` answers, `ask HOST:PORT` asks. Messages are text: no .proto file is needed.
const grpc = require('@grpc/grpc-js');

const bytes = (text) => Buffer.from(text);
const text = (buffer) => buffer.toString();
const method = (name, requestStream, responseStream) => ({
  path: `/inference.GRPCInferenceService/${name}`, requestStream, responseStream,
  requestSerialize: bytes, requestDeserialize: text, responseSerialize: bytes, responseDeserialize: text,
});
const service = {ModelInfer: method('ModelInfer', false, false), ModelStreamInfer: method('ModelStreamInfer', true, true)};

function serve(port) {
  const server = new grpc.Server();
  server.addService(service, {
    ModelInfer: (call, done) => done(null, 'answer to ' + call.request),
    ModelStreamInfer: (call) => {
      call.on('data', (message) => call.write('answer to ' + message));
      call.on('end', () => call.end());
    },
  });
  server.bindAsync(`[::]:${port}`, grpc.ServerCredentials.createInsecure(), () => {});
}

async function ask(target) {
  const Client = grpc.makeClientConstructor(service, 'Inference');
  const one = (client) => new Promise((done, failed) => client.ModelInfer(
      'a prompt '.repeat(20), (error, answer) => error ? failed(error) : done(answer)));
  const client = new Client(target, grpc.credentials.createInsecure());
  await one(client);
  await new Promise((done, failed) => {
    const call = client.ModelStreamInfer();
    call.on('data', () => {});
    call.on('error', failed);
    call.on('end', done);
    for (const word of ['first', 'second', 'third']) call.write(word);
    call.end();
  });
  client.close();
  const packed = new Client(target, grpc.credentials.createInsecure(), {
    'grpc.default_compression_algorithm': 2,  // gzip
    'grpc.primary_user_agent': 'lab',
  });
  await one(packed);
  packed.close();
}

const [, , what, where] = process.argv;
if (what === 'serve') {
  serve(Number(where));
} else {
  ask(where).catch((error) => { console.error(error); process.exit(1); });
}
