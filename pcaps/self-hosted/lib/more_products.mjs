// Further servers of one's own, in the form of products.mjs: rarer ones, and pages.
import {anthropic, chat, metrics, models, page, say, uvicorn} from './shapes.mjs';

const gradio = (title, rest = '') => ({html: `<!doctype html><html><head><title>${title}</title>${rest}<script>window.gradio_config = {"version":"4.44.1"};</script></head><body><gradio-app></gradio-app></body></html>`, open: true});
const openapi = (title, version) => ({json: {openapi: '3.1.0', info: {title, version}, paths: {}}, open: true});
const session = '5f0c2d5e-0000-4000-8000-000000000001';
const aRoom = {messages: [{role: 'user', content: 'Describe a quiet room.'}]};

export const moreProducts = {
  // --- inference
  dynamo: {port: 8050, routes: {
    'GET /v1/models': models('nvidia', ['Qwen/Qwen3-0.6B']), 'GET /openapi.json': openapi('NVIDIA Dynamo OpenAI Frontend', '0.7.0'),
    'GET /health': {json: {status: 'healthy', endpoints: ['dyn://dynamo.backend.generate'], instances: [{component: 'backend', endpoint: 'generate', namespace: 'dynamo', instance_id: 1}]}, open: true},
    'GET /metrics': metrics('dynamo_frontend_requests_total', 'dynamo_frontend_inflight_requests'), 'POST /v1/chat/completions': chat('Qwen/Qwen3-0.6B'),
  }, ask: [['GET', '/health'], ['GET', '/openapi.json'], ['GET', '/metrics']]},
  'deepspeed-mii': {port: 28080, routes: {'POST /mii/mistral-deployment': {json: {response: [{generated_text: ' room with one window', prompt_length: 3, generated_length: 4, finish_reason: 'stop'}]}}},
    ask: [['POST', '/mii/mistral-deployment', {prompts: ['A quiet'], max_length: 16}]]},
  'mlc-llm': {port: 8051, headers: uvicorn, routes: {
    'GET /v1/models': models('MLC-LLM', ['Llama-3-8B-Instruct-q4f16_1-MLC']), 'POST /v1/chat/completions': chat('Llama-3-8B-Instruct-q4f16_1-MLC', {usage: {prompt_tokens: 9, completion_tokens: 3, total_tokens: 12, extra: {prefill_tokens_per_s: 210.5, decode_tokens_per_s: 41.3}}}),
  }, ask: []},
  powerinfer: {port: 8052, headers: {server: 'llama.cpp'}, routes: {
    'GET /model.json': {json: {model: 'ReluLLaMA-7B-PowerInfer-GGUF/llama-7b-relu.powerinfer.gguf', n_ctx: 512, ignore_eos: false, temp: 0.8}}, 'GET /props': {json: {user_name: '', assistant_name: ''}},
    'POST /completion': {json: {content: ' room', model: 'llama-7b-relu.powerinfer.gguf', stop: true, tokens_predicted: 3, tokens_evaluated: 4}},
  }, ask: [['GET', '/model.json'], ['GET', '/props'], ['POST', '/completion', {prompt: 'A quiet', n_predict: 8}]]},
  koboldai: {port: 8053, headers: {server: 'Werkzeug/2.3.7 Python/3.8.10'}, routes: {
    'GET /api/v1/model': {json: {result: 'KoboldAI/OPT-2.7B-Erebus'}}, 'GET /api/v1/info/version': {json: {result: '1.2.2'}, open: true}, 'POST /api/v1/generate': {json: {results: [{text: ' room.'}]}},
  }, ask: [['GET', '/api/v1/model'], ['GET', '/api/v1/info/version'], ['POST', '/api/v1/generate', {prompt: 'A quiet', max_length: 8}]]},
  llamafile: {port: 8054, headers: {server: 'llamafiler/0.9.3'}, routes: {'GET /': page('llamafile'), 'GET /v1/models': models('llamafile', ['Llama-3.2-1B-Instruct.Q6_K']), 'POST /v1/chat/completions': chat('Llama-3.2-1B-Instruct.Q6_K')},
    ask: [['GET', '/']]},
  gpustack: {port: 8055, key: {code: 401, reason: 'Unauthorized', message: 'Invalid authentication credentials'}, routes: {
    'GET /': page('GPUStack'), 'GET /v1-openai/models': models('gpustack', ['qwen3']), 'POST /v1-openai/chat/completions': chat('qwen3'),
    'GET /v2/models': {json: {items: [{id: 1, name: 'qwen3', source: 'huggingface', replicas: 1, ready_replicas: 1, backend: 'vllm'}], pagination: {page: 1, perPage: 100, total: 1, totalPage: 1}}},
  }, ask: [['GET', '/'], ['GET', '/v2/models'], ['GET', '/v2/models', null, 'authorization: Bearer gpustack_made_up']]},
  truss: {port: 8056, headers: uvicorn, routes: {'GET /openapi.json': openapi('Baseten Inference Server', '0.1'), 'GET /v1/models/model': {json: {name: 'model', ready: true}}, 'POST /v1/models/model:predict': {json: {result: 'A room.'}}},
    ask: [['GET', '/openapi.json'], ['GET', '/v1/models/model'], ['POST', '/v1/models/model:predict', {prompt: 'A quiet'}]]},
  kserve: {port: 8057, headers: uvicorn, routes: {
    'GET /v2': {json: {name: 'kserve', version: '0.15.0', extensions: ['model_repository_extension']}, open: true}, 'GET /v2/models': {json: {models: ['sklearn-iris']}}, 'POST /v1/models/sklearn-iris:predict': {json: {predictions: [1]}},
    'POST /v2/models/sklearn-iris/infer': {json: {model_name: 'sklearn-iris', model_version: null, id: 'a', parameters: null, outputs: [{name: 'output-0', shape: [1], datatype: 'INT32', parameters: null, data: [1]}]}},
  }, ask: [['GET', '/v2'], ['GET', '/v2/models'], ['POST', '/v1/models/sklearn-iris:predict', {instances: [[6.8, 2.8, 4.8, 1.4]]}], ['POST', '/v2/models/sklearn-iris/infer', {inputs: [{name: 'input-0', shape: [1, 4], datatype: 'FP32', data: [6.8, 2.8, 4.8, 1.4]}]}]]},
  instructlab: {port: 8058, headers: uvicorn, routes: {'GET /': {json: {message: 'Hello from InstructLab! Visit us at https://instructlab.ai'}, open: true}, 'GET /v1/models': models('user', ['granite-7b-lab-Q4_K_M.gguf']), 'POST /v1/chat/completions': chat('granite-7b-lab-Q4_K_M.gguf')},
    ask: [['GET', '/']]},
  kubeai: {port: 8059, routes: {'GET /openai/v1/models': {json: [{id: 'gemma2-2b-cpu', created: 1, object: 'model', owned_by: 'google', features: ['TextGeneration']}]}, 'POST /openai/v1/chat/completions': chat('gemma2-2b-cpu')},
    ask: [['GET', '/openai/v1/models'], ['POST', '/openai/v1/chat/completions', {model: 'gemma2-2b-cpu', ...aRoom}]]},
  'llama-factory': {port: 8060, headers: uvicorn, routes: {'GET /': gradio('LLaMA Board: train LLMs')}, ask: [['GET', '/']]},
  petals: {port: 8061, headers: {server: 'gunicorn'}, sockets: {'/api/v2/generate': (asked) => asked.type === 'open_inference_session' ? {ok: true} : {ok: true, outputs: ' room.', stop: true}}, routes: {
    'GET /': {html: '<!doctype html><html><head><title>Chat</title></head><body><a href="https://github.com/petals-infra/chat.petals.dev">source</a></body></html>', open: true}}, ask: [['GET', '/']]},
  'anthropic-compatible': {port: 8062, routes: {'POST /v1/messages': anthropic('local-model')}, ask: []},
  // --- completion of code, speech, images
  fauxpilot: {port: 8063, headers: uvicorn, routes: {'POST /v1/engines/codegen/completions': {json: {id: 'cmpl-1', model: 'codegen', object: 'text_completion', created: 1, choices: [{text: '  return a', index: 0, finish_reason: 'stop', logprobs: null}], usage: {prompt_tokens: 4, completion_tokens: 3, total_tokens: 7}}}},
    ask: [['POST', '/v1/engines/codegen/completions', {prompt: 'def f(a):', max_tokens: 16}]]},
  'copilot-bridge': {port: 8064, routes: {'POST /v1/engines/copilot-codex/completions': {sse: ['data: {"id":"cmpl-1","created":1,"choices":[{"text":"  return a","index":0,"finish_reason":null,"logprobs":null}]}\n\n', 'data: [DONE]\n\n']}},
    ask: [['POST', '/v1/engines/copilot-codex/completions', {prompt: 'def f(a):', suffix: '', max_tokens: 16, stream: true}]]},
  'whisper-cpp': {port: 8065, headers: {server: 'whisper.cpp'}, routes: {'GET /': page('Whisper.cpp Server'), 'POST /inference': {json: {text: ' A room.\n'}}}, ask: [['GET', '/']]},
  'f5-tts': {port: 8066, headers: uvicorn, routes: {'GET /': gradio('E2/F5-TTS', '<meta name="description" content="F5-TTS: a local demo">')}, ask: [['GET', '/']]},
  'sd-next': {port: 8067, headers: uvicorn, routes: {
    'GET /': gradio('SD.Next'), 'GET /sdapi/v1/version': {json: {app: 'sd.next', updated: '2025-06-30', hash: '4c2d7a1', url: 'https://github.com/vladmandic/sdnext/tree/master'}, open: true},
    'GET /sdapi/v1/sd-models': {json: [{title: 'sd_xl_base_1.0', model_name: 'sd_xl_base_1.0', filename: 'z', type: 'sdxl'}]}, 'POST /sdapi/v1/txt2img': {json: {images: ['aGVsbG8='], parameters: {}, info: '{}'}},
  }, ask: [['GET', '/'], ['GET', '/sdapi/v1/version'], ['GET', '/sdapi/v1/sd-models'], ['POST', '/sdapi/v1/txt2img', {prompt: 'a room', steps: 5}]]},
  // --- pages and builders of agents
  betterchatgpt: {port: 8070, routes: {'GET /': page('Better ChatGPT')}, ask: [['GET', '/']]},
  'hf-chat-ui': {port: 8071, routes: {
    'GET /': page('HuggingChat'), 'GET /api/v2/public-config': {json: {json: {PUBLIC_APP_NAME: 'ChatUI', PUBLIC_APP_ASSETS: 'chatui', PUBLIC_ORIGIN: 'http://chat.corp.example'}}, open: true},
    'POST /conversation': {json: {conversationId: '66f0c0ffee00000000000001'}}, 'POST /conversation/66f0c0ffee00000000000001': {ndjson: [{type: 'status', status: 'started'}, {type: 'stream', token: 'A quiet'}, {type: 'finalAnswer', text: 'A quiet room.', interrupted: false}]},
  }, ask: [['GET', '/'], ['GET', '/api/v2/public-config'], ['POST', '/conversation', {model: 'llama3.2'}], ['POST', '/conversation/66f0c0ffee00000000000001', {inputs: 'Describe a quiet room.', id: '1'}]]},
  'chuanhu-chat': {port: 8072, headers: uvicorn, routes: {'GET /': gradio('Chuanhu Chat', '<meta name="application-name" content="Chuanhu Chat">')}, ask: [['GET', '/']]},
  onyx: {port: 8073, headers: uvicorn, routes: {
    'GET /api/version': {json: {backend_version: '2.4.1'}, open: true}, 'GET /api/openapi.json': openapi('Onyx Backend', '2.4.1'), 'POST /api/chat/create-chat-session': {json: {chat_session_id: session}},
    'POST /api/chat/send-message': {ndjson: [{user_message_id: 1, reserved_assistant_message_id: 2}, {answer_piece: 'A quiet '}, {answer_piece: 'room.'}]},
    'POST /api/chat/send-chat-message': {json: {answer: 'A quiet room.', answer_citationless: 'A quiet room.', message_id: 2, top_documents: [], chat_session_id: session}},
  }, ask: [['GET', '/api/version'], ['POST', '/api/chat/create-chat-session', {persona_id: 0}], ['POST', '/api/chat/send-message', {chat_session_id: session, parent_message_id: null, message: 'Describe a quiet room.', file_descriptors: [], prompt_id: null, search_doc_ids: null, retrieval_options: null}], ['POST', '/api/chat/send-chat-message', {chat_session_id: session, message: 'Describe a quiet room.', stream: false}]]},
  h2ogpt: {port: 8074, headers: uvicorn, routes: {'GET /': gradio('h2oGPT'), 'POST /run/submit_nochat_api': {json: {data: ["{'response': 'A quiet room.', 'sources': ''}"], is_generating: false, duration: 1.2, average_duration: 1.2}}, 'POST /api/submit_nochat_api': {json: {data: ["{'response': 'A quiet room.'}"]}}},
    ask: [['GET', '/'], ['POST', '/api/submit_nochat_api', {data: ["{'instruction_nochat': 'Describe a quiet room.'}"]}]]},
  quivr: {port: 8075, headers: uvicorn, key: {detail: 'Authentication credentials missing'}, routes: {
    'GET /brains/': {json: {brains: [{id: session, name: 'Handbook', status: 'private', brain_type: 'doc'}]}}, 'POST /chat/1/question': {json: {chat_id: '1', user_message: 'a', assistant: 'A quiet room.', message_time: null}},
  }, ask: [['GET', '/brains/'], ['GET', '/brains/', null, 'authorization: Bearer made-up-key'], ['POST', '/chat/1/question', {question: 'Describe a quiet room.'}, 'authorization: Bearer made-up-key']]},
  maxkb: {port: 8076, routes: {
    'GET /ui/login': page('MaxKB'), 'GET /api/application/profile': {json: {code: 200, message: 'success', data: {id: session, name: 'Help', prologue: 'Hello', multiple_rounds_dialogue: true}}},
    'POST /chat/api/*/chat/completions': chat('deepseek-chat'), 'POST /api/application/chat_message/*': {sse: ['data: {"chat_id":"1","id":"2","operate":true,"content":"A quiet room.","is_end":true}\n\n']},
  }, ask: [['GET', '/ui/login'], ['GET', '/api/application/profile', null, 'authorization: application-made-up'], ['POST', '/api/application/chat_message/1', {message: 'Describe a quiet room.', re_chat: false, stream: true}, 'authorization: application-made-up'], ['POST', `/chat/api/${session}/chat/completions`, {model: 'any', ...aRoom}, 'authorization: Bearer application-made-up']]},
  fastgpt: {port: 8077, routes: {
    'GET /login': page('FastGPT'), 'GET /api/common/system/getInitData': {json: {code: 200, statusText: '', message: '', data: {bufferId: 'b', systemVersion: '4.9.11', feConfigs: {systemTitle: 'FastGPT', isPlus: false}}}, open: true},
    'POST /api/v1/chat/completions': {json: {responseData: [{moduleName: 'AI Chat', moduleType: 'chatNode', model: 'qwen-max', runningTime: 0.6}], newVariables: {}, id: 'my_chatId', model: '', usage: {prompt_tokens: 1, completion_tokens: 1, total_tokens: 1}, choices: [{message: {role: 'assistant', content: 'A quiet room.'}, finish_reason: 'stop', index: 0}]}},
  }, ask: [['GET', '/login'], ['GET', '/api/common/system/getInitData?bufferId='], ['POST', '/api/v1/chat/completions', {chatId: 'my_chatId', stream: false, detail: true, ...aRoom}, 'authorization: Bearer fastgpt-made-up']]},
  qanything: {port: 8777, headers: {'alt-svc': 'clear'}, routes: {
    'GET /qanything/': page('QAnything'), 'POST /api/local_doc_qa/list_knowledge_base': {json: {code: 200, data: [{kb_id: 'KB1', kb_name: 'Handbook'}]}},
    'POST /api/local_doc_qa/local_doc_chat': {json: {code: 200, msg: 'success chat', question: 'q', response: 'A quiet room.', history: [], source_documents: []}},
  }, ask: [['GET', '/qanything/'], ['POST', '/api/local_doc_qa/list_knowledge_base', {user_id: 'zzp'}], ['POST', '/api/local_doc_qa/local_doc_chat', {user_id: 'zzp', kb_ids: ['KB1'], question: 'Describe a quiet room.', history: [], streaming: false}]]},
  weknora: {port: 8078, routes: {
    'GET /': page('WeKnora'), 'GET /api/v1/knowledge-bases': {json: {data: [{id: 'kb-00000001', name: 'Handbook', type: 'document', tenant_id: 1, chunking_config: {chunk_size: 1000, chunk_overlap: 200}, embedding_model_id: session, summary_model_id: session}], success: true}},
    'POST /api/v1/knowledge-bases/kb-00000001/hybrid-search': {json: {data: [{id: '1', content: 'A quiet room.', score: 0.9, match_type: 0}], success: true}},
  }, ask: [['GET', '/'], ['GET', '/api/v1/knowledge-bases', null, 'X-API-Key: sk-made-up'], ['POST', '/api/v1/knowledge-bases/kb-00000001/hybrid-search', {query_text: 'quiet room', vector_threshold: 0.5}, 'X-API-Key: sk-made-up']]},
  cognee: {port: 8079, headers: uvicorn, routes: {
    'GET /': {json: {message: 'Hello, World, I am alive!'}, open: true}, 'GET /openapi.json': openapi('Cognee API', '1.0.0'), 'GET /health': {json: {status: 'ready', health: 'healthy', version: '0.5.5-local'}, open: true},
    'POST /api/v1/add': {json: {status: 'PipelineRunCompleted', dataset_id: session, dataset_name: 'handbook'}}, 'POST /api/v1/cognify': {json: {[session]: {status: 'PipelineRunCompleted', dataset_name: 'handbook'}}}, 'POST /api/v1/search': {json: ['A quiet room.']},
  }, ask: [['GET', '/'], ['GET', '/health'], ['GET', '/openapi.json'], ['POST', '/api/v1/cognify', {datasets: ['handbook']}], ['POST', '/api/v1/search', {searchType: 'GRAPH_COMPLETION', query: 'Which rooms are quiet?'}]]},
  astrbot: {port: 6185, headers: {server: 'hypercorn-h11'}, routes: {'GET /': page('AstrBot - Dashboard'), 'POST /api/chat/send': {sse: ['data: {"type":"plain","data":"A quiet room.","streaming":true}\n\n', 'data: {"type":"end","data":"","streaming":false}\n\n']}},
    ask: [['GET', '/'], ['POST', '/api/chat/send', {message: 'Describe a quiet room.', conversation_id: session}, 'authorization: Bearer made-up-key']]},
  langroid: {port: 8080, headers: uvicorn, routes: {'GET /openapi.json': openapi('Langroid Chat API', '0.1.0'), 'POST /chat': {json: {response: 'A quiet room.'}}}, ask: [['GET', '/openapi.json'], ['POST', '/chat', {message: 'Describe a quiet room.'}]]},
  autogpt: {port: 8006, headers: uvicorn, routes: {'GET /': page('AutoGPT Platform'), 'GET /openapi.json': openapi('AutoGPT Agent Server', '0.1')}, ask: [['GET', '/'], ['GET', '/openapi.json']]},
  'crewai-studio': {port: 8081, routes: {'GET /auth/login': page('CrewAI Studio')}, ask: [['GET', '/auth/login']]},
  superagi: {port: 8082, headers: {'x-powered-by': 'Next.js'}, routes: {'GET /': page('SuperAGI')}, ask: [['GET', '/']]},
  hayhooks: {port: 1416, headers: uvicorn, routes: {'GET /openapi.json': openapi('Hayhooks', '1.24.0'), 'GET /status': {json: {status: 'Up!', pipelines: ['chat_with_website'], durable_mode: false, durable: {healthy: true, deployments: {}}}, open: true}, 'POST /chat_with_website/run': {json: {result: 'A quiet room.'}}},
    ask: [['GET', '/openapi.json'], ['GET', '/status'], ['POST', '/chat_with_website/run', {urls: ['http://wiki.corp.example'], question: 'Which rooms are quiet?'}]]},
  argilla: {port: 6900, headers: uvicorn, routes: {'GET /': page('Argilla'), 'GET /api/v1/version': {json: {version: '2.8.0'}, open: true}, 'GET /api/v1/me/datasets': {json: {items: [{id: session, name: 'answers', guidelines: 'Rate each answer.', status: 'ready'}]}}},
    ask: [['GET', '/'], ['GET', '/api/v1/version'], ['GET', '/api/v1/me/datasets', null, 'X-Argilla-Api-Key: made-up.apikey']]},
  // --- gateways, and what should not lie open
  sub2api: {port: 8083, routes: {
    'GET /': page('Sub2API - AI API Gateway'), 'GET /setup/status': {json: {code: 0, message: 'success', data: {needs_setup: false, step: 'completed'}}, open: true},
    'GET /api/v1/settings/public': {json: {code: 0, message: 'success', data: {registration_enabled: true, site_name: 'Sub2API', api_base_url: '', version: '0.1.88'}}, open: true}, 'POST /v1/messages': anthropic('claude-sonnet-4-5'),
  }, ask: [['GET', '/'], ['GET', '/setup/status'], ['GET', '/api/v1/settings/public'], ['POST', '/v1/messages', {model: 'claude-sonnet-4-5', max_tokens: 16, ...aRoom}, 'x-api-key: sk-made-up-for-the-lab', 'anthropic-version: 2023-06-01']]},
  cliproxyapi: {port: 8317, key: {error: 'Missing API key'}, routes: {
    'GET /': {json: {message: 'CLI Proxy API Server', endpoints: ['POST /v1/chat/completions', 'POST /v1/completions', 'GET /v1/models']}, open: true}, 'GET /v1/models': models('google', ['gemini-2.5-flash']), 'POST /v1/chat/completions': chat('gemini-2.5-flash'),
    'GET /management.html': page('CLI Proxy API Management Center'), 'GET /v0/management/config': {json: {debug: false, 'proxy-url': '', 'request-retry': 3}},
  }, ask: [['GET', '/'], ['GET', '/management.html'], ['GET', '/v0/management/config', null, 'X-Management-Key: made-up', 'authorization: Bearer made-up']]},
  '9router': {port: 20128, routes: {'GET /dashboard': page('9Router - AI Infrastructure Management'), 'GET /v1/models': models('9router', ['claude-sonnet-4-5']), 'POST /v1/chat/completions': chat('claude-sonnet-4-5')},
    ask: [['GET', '/dashboard']]},
  omniroute: {port: 20129, headers: {'x-omniroute-cache': 'MISS'}, routes: {'GET /api/cache': {json: {cacheStats: {hits: 1, misses: 2, size: 3}}}, 'GET /v1/models': models('omniroute', ['gpt-5']), 'POST /v1/chat/completions': chat('gpt-5')},
    ask: [['GET', '/api/cache']]},
  'copilot-api': {port: 4141, routes: {
    'GET /': {text: 'Server running', open: true}, 'GET /v1/models': models('github-copilot', ['gpt-4.1']), 'POST /v1/chat/completions': chat('gpt-4.1'),
    'GET /usage': {json: {access_type_sku: 'free_educational_quota', copilot_plan: 'individual', quota_reset_date: '2026-12-01', quota_snapshots: {chat: {entitlement: 0, unlimited: true}, premium_interactions: {entitlement: 300, remaining: 271, unlimited: false}}}},
  }, ask: [['GET', '/'], ['GET', '/usage']]},
  'agent-config': {port: 8084, headers: {server: 'nginx'}, routes: {
    'GET /.mcp.json': {json: {mcpServers: {files: {command: 'npx', args: ['-y', '@modelcontextprotocol/server-filesystem', '/srv']}}}}, 'GET /.cursor/mcp.json': {json: {mcpServers: {wiki: {url: 'http://tools.corp.example:3000/mcp'}}}}, 'GET /.vscode/mcp.json': {json: {servers: {wiki: {type: 'http', url: 'http://tools.corp.example:3000/mcp'}}}},
  }, ask: [['GET', '/.mcp.json'], ['GET', '/.cursor/mcp.json'], ['GET', '/.vscode/mcp.json']]},
};
