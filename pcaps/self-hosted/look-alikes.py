#!/usr/bin/env python3
"""Writes a capture of servers that answer at the paths of others, of calls at paths of one's own, of
ordinary services that resemble AI, and of what registries give. What each answers is as its source code
or documentation says; made by hand, always the same.

usage: look-alikes.py FILE
"""
import json
import struct
import sys

frames = []
CLIENT = '10.20.0.10'


def checksum(data):
    data += b'\0' * (len(data) % 2)
    total = sum(struct.unpack('>%dH' % (len(data) // 2), data))
    total = (total & 0xffff) + (total >> 16)
    return ~(total + (total >> 16)) & 0xffff


def address(text):
    return bytes(int(part) for part in text.split('.'))


def packet(source, source_port, destination, destination_port, sequence, acknowledged, flags, payload=b''):
    segment = struct.pack('>HHIIBBHHH', source_port, destination_port, sequence, acknowledged, 0x50, flags,
                          65000, 0, 0) + payload
    head = struct.pack('>BBHHHBBH', 0x45, 0, 20 + len(segment), len(frames) + 1, 0, 64, 6, 0)
    head += address(source) + address(destination)
    head = head[:10] + struct.pack('>H', checksum(head)) + head[12:]
    frames.append(bytes.fromhex('020000000002020000000001') + b'\x08\0' + head + segment)


def message(start, fields, body):
    if isinstance(body, (dict, list)):
        body = json.dumps(body, separators=(',', ':'))
        fields = {'Content-Type': 'application/json', **fields}
    body = body if isinstance(body, bytes) else body.encode()
    fields = {**fields, 'Content-Length': len(body)}
    return (start + '\r\n' + ''.join(f'{name}: {value}\r\n' for name, value in fields.items()) + '\r\n').encode() + body


def server(ip, port, *exchanges, host=None):
    """One connection. An exchange: method, target, its fields and body, the answer's fields and body."""
    ends = (CLIENT, 40000 + len(frames)), (ip, port)
    at = [1000, 51000]

    def send(side, flags, payload=b''):
        packet(*ends[side], *ends[1 - side], at[side], at[1 - side] if flags & 16 else 0, flags, payload)
        at[side] += len(payload) + (flags & 3 != 0)

    send(0, 2), send(1, 18), send(0, 16)
    for method, target, fields, body, answer_fields, answer in exchanges:
        asked = {'Host': host or f'{ip}:{port}', **fields}
        for side, whole in ((0, message(f'{method} {target} HTTP/1.1', asked, body)),
                            (1, message('HTTP/1.1 200 OK', answer_fields, answer))):
            for start in range(0, len(whole), 1400):
                send(side, 24, whole[start:start + 1400])
    send(0, 17), send(1, 17), send(0, 16)


def get(target, answer, fields=None, answer_fields=None):
    return 'GET', target, fields or {}, '', answer_fields or {}, answer


def post(target, body, answer, fields=None, answer_fields=None):
    return 'POST', target, fields or {}, body, answer_fields or {}, answer


def page(target, title, answer_fields=None):
    return get(target, f'<html><head><title>{title}</title></head></html>', None,
               {'Content-Type': 'text/html', **(answer_fields or {})})


def events(*data, names=()):
    named = [f'event: {name}\n' for name in names] or [''] * len(data)
    return ''.join(f'{name}data: {json.dumps(each)}\n\n' for name, each in zip(named, data))


STREAM = {'Content-Type': 'text/event-stream'}
BINARY = {'Content-Type': 'application/octet-stream'}
TALK = [{'role': 'user', 'content': 'hello there'}]


def completion(model, **more):
    return {'id': 'c', 'object': 'chat.completion', 'model': model,
            'choices': [{'index': 0, 'message': {'role': 'assistant', 'content': 'hi'}, 'finish_reason': 'stop'}],
            'usage': {'prompt_tokens': 7, 'completion_tokens': 8, 'total_tokens': 15}, **more}


def ollama_tags(name, family):
    return {'models': [{'name': name, 'model': name, 'digest': 'b5dc',
                        'details': {'format': 'gguf', 'family': family, 'quantization_level': 'Q4_0'}}]}


def ollama_answer(model):
    return {'model': model, 'created_at': 'x', 'message': {'role': 'assistant', 'content': 'hi'}, 'done': True,
            'load_duration': 1, 'prompt_eval_count': 3, 'prompt_eval_duration': 1, 'eval_count': 4}


# Servers at others' paths.
llama = {'Server': 'llama.cpp'}
server('10.30.1.1', 8080,
       get('/api/tags', ollama_tags('qwen3', ''), None, llama),
       post('/api/show', {'model': 'qwen3'}, {'modelfile': '', 'details': {'family': ''}}, None, llama),
       post('/api/chat', {'model': 'qwen3', 'messages': TALK},
            completion('qwen3', timings={'prompt_n': 7, 'predicted_per_second': 1.0}), None, llama))
kobold = {'Server': 'ConcedoLlamaForKoboldServer'}
server('10.30.1.2', 5001,
       get('/api/tags', ollama_tags('koboldcpp', 'koboldcpp'), None, kobold),
       post('/api/chat', {'model': 'koboldcpp', 'messages': TALK, 'stream': False}, ollama_answer('koboldcpp'), None,
            kobold),
       get('/system_stats', {'system': {'comfyui_version': 'v0.3.4'}, 'devices': []}, None, kobold),
       post('/sdapi/v1/txt2img', {'prompt': 'a cat'}, {'images': ['aGk='], 'parameters': {}, 'info': ''}, None, kobold),
       get('/sdapi/v1/options', {'sd_model_checkpoint': 'sdxl'}, None, kobold))
server('10.30.1.3', 11434,
       post('/v1/chat/completions', {'model': 'llama3.2', 'messages': TALK},
            completion('llama3.2', system_fingerprint='fp_ollama')))
server('10.30.1.4', 80,
       get('/ollama/api/tags', ollama_tags('llama3:latest', 'llama'), None, {'Server': 'nginx'}),
       post('/ollama/api/chat', {'model': 'llama3', 'messages': TALK, 'stream': False}, ollama_answer('llama3')))
server('10.30.1.5', 8080,
       post('/v1/chat/completions', {'model': 'tgi', 'messages': TALK},
            completion('tgi', system_fingerprint='3.3.4-sha-9f38d93'), None,
            {'x-compute-type': '1-nvidia-l4', 'x-time-per-token': '1', 'x-prompt-tokens': '7', 'x-generated-tokens': '8'}))
stats = {'input_tokens': 10, 'total_output_tokens': 5, 'tokens_per_second': 40.1}
server('10.30.1.6', 1234,
       get('/api/v1/models', {'models': [{'type': 'llm', 'publisher': 'qwen', 'key': 'qwen/qwen3-4b',
                                          'loaded_instances': [{'id': 'qwen/qwen3-4b'}], 'max_context_length': 32768}]}),
       post('/api/v1/chat', {'model': 'qwen/qwen3-4b', 'input': 'hello there'},
            {'model_instance_id': 'qwen/qwen3-4b', 'output': [{'type': 'message', 'content': 'hi'}], 'stats': stats}),
       post('/api/v1/models/unload', {'instance_id': 'qwen/qwen3-4b'}, {'instance_id': 'qwen/qwen3-4b'}))
server('10.30.1.7', 1234,
       post('/api/v1/chat', {'model': 'qwen/qwen3-4b', 'input': 'hello there', 'stream': True},
            events({'type': 'chat.start', 'model_instance_id': 'qwen/qwen3-4b'},
                   {'type': 'message.delta', 'content': 'hi'},
                   {'type': 'chat.end', 'result': {'model_instance_id': 'qwen/qwen3-4b', 'output': [], 'stats': stats}},
                   names=('chat.start', 'message.delta', 'chat.end')), None, STREAM))
server('10.30.1.8', 3000,
       get('/api/config', {'status': True, 'name': 'Corp AI (Open WebUI)', 'version': '0.6.30', 'features': {}}),
       get('/ollama/api/tags', ollama_tags('llama3:latest', 'llama'), {'Authorization': 'Bearer made-up-token'}))

# Pages of builders of agents.
dify = {'X-Version': '1.9.1', 'X-Env': 'PRODUCTION', **STREAM}
told = events({'event': 'message', 'conversation_id': 'c', 'task_id': 't', 'answer': 'hi'},
              {'event': 'message_end', 'conversation_id': 'c', 'task_id': 't',
               'metadata': {'usage': {'prompt_tokens': 33, 'completion_tokens': 44}}})
asked = {'response_mode': 'streaming', 'conversation_id': '', 'query': 'hello there', 'inputs': {}}
server('10.30.1.9', 80, post('/api/chat-messages', asked, told, {'Authorization': 'Bearer made-up-token'}, dify))
server('10.30.1.10', 80,
       post('/console/api/apps/5f1c0c9e/chat-messages',
            {**asked, 'model_config': {'model': {'provider': 'openai', 'name': 'gpt-4o'}}}, told,
            {'Authorization': 'Bearer made-up-token'}, dify))
server('10.30.1.11', 3000,
       post('/api/v1/internal-prediction/5f1c0c9e', {'question': 'hello there', 'chatId': 'c'},
            {'text': 'hi', 'question': 'hello there', 'chatId': 'c', 'chatMessageId': 'm'}))

# Calls at paths of one's own, with keys as gateways want them.
ask = {'model': 'gpt-4o', 'messages': TALK}
server('10.30.2.1', 8000, post('/llm/ask', ask, completion('gpt-4o'), {'apikey': 'made-up-key'}))
server('10.30.2.2', 8080,
       post('/v1/chat/completions', ask, completion('gpt-4o'), {'Ocp-Apim-Subscription-Key': '0123456789abcdef'}))
server('10.30.2.3', 8080,
       post('/ai/deployments/gpt-4o/chat/completions?api-version=2024-10-21', {'messages': TALK}, completion('gpt-4o'),
            {'api-key': '0123456789abcdef'}))
server('10.30.2.4', 8080,
       post('/v1/chat/completions?subscription-key=0123456789abcdef', ask, completion('gpt-4o')))

# Counts and tools where services have them.
call = {'type': 'function_call', 'name': 'read_file'}
copilot = {'Copilot-Integration-Id': 'vscode-chat', 'Authorization': 'Bearer tid=a;sku=plus_monthly_subscriber_quota;x=y'}
server('203.0.113.11', 80,
       post('/chat/completions', {'model': 'gpt-5', 'messages': TALK},
            {'model': 'gpt-5', 'usage': {'prompt_tokens': 5, 'completion_tokens': 6},
             'choices': [{'message': {'role': 'assistant', 'tool_calls': [{'function': {'name': 'read_file'}}]}}]}, copilot),
       post('/responses', {'model': 'gpt-5-codex', 'input': 'hello'},
            {'object': 'response', 'model': 'gpt-5-codex', 'output': [call],
             'usage': {'input_tokens': 15, 'output_tokens': 16}}, copilot),
       post('/v1/messages', {'model': 'claude-x', 'messages': TALK, 'max_tokens': 9},
            {'type': 'message', 'model': 'claude-x', 'content': [{'type': 'tool_use', 'name': 'read_file'}],
             'stop_reason': 'tool_use', 'usage': {'input_tokens': 25, 'output_tokens': 26}}, copilot),
       host='api.individual.githubcopilot.com')
server('203.0.113.12', 80,
       post('/openai/v1/chat/completions', {'model': 'llama-x', 'messages': TALK, 'stream': True},
            events({'object': 'chat.completion.chunk', 'model': 'llama-x', 'choices': [{'delta': {'content': 'a'}}],
                    'x_groq': {'usage': {'prompt_tokens': 5, 'completion_tokens': 6}}}),
            {'Authorization': 'Bearer gsk_made_up'}, STREAM), host='api.groq.com')
server('203.0.113.13', 80,
       post('/v2/chat', {'model': 'command-a', 'messages': TALK, 'stream': True},
            events({'type': 'tool-call-start', 'delta': {'message': {'tool_calls': {'function': {'name': 'read_file'}}}}}),
            {'Authorization': 'Bearer made-up-key'}, STREAM), host='api.cohere.com')
server('203.0.113.14', 80,
       post('/model/anthropic.claude-x/invoke',
            {'anthropic_version': 'bedrock-2023-05-31', 'messages': TALK, 'max_tokens': 4},
            {'type': 'message', 'content': [{'type': 'tool_use', 'name': 'read_file'}],
             'usage': {'input_tokens': 9, 'output_tokens': 8}},
            {'Authorization': 'AWS4-HMAC-SHA256 Credential=A/1/us-east-1/bedrock/aws4_request'}),
       host='bedrock-runtime.us-east-1.amazonaws.com')

# Ordinary services.
tornado = {'Server': 'TornadoServer/6.4', 'Set-Cookie': '_xsrf=2|abc; Path=/'}
server('10.30.3.1', 8888, get('/api/sessions', [{'id': 1}], None, tornado), page('/login', 'Login', tornado))
server('10.30.3.2', 8080, get('/api/contents/news', {'items': []}, None, tornado))
server('10.30.3.3', 80, page('/', 'Modify', {'X-Version': '1', 'X-Env': 'prod'}))
server('10.30.3.4', 80, page('/p/lmdeploy', 'LMDeploy notes', {'Server': 'uvicorn'}))
server('10.30.3.5', 80, page('/wiki/bentoml', 'BentoML how-to'), get('/livez', {}))
server('10.30.3.6', 80, page('/wiki/mlflow', 'MLflow', {'Server': 'gunicorn'}))
server('10.30.3.7', 80, page('/wiki/tensorboard', 'TensorBoard'), get('/data/runs', []))
server('10.30.3.8', 80, page('/dashboard', '9Router notes'))
server('10.30.3.9', 80, page('/wiki/langflow', 'Langflow tips'), get('/api/v1/flows/1', {'id': 1}))
server('10.30.3.10', 8080, post('/v1/objects', {'class': 'Pump', 'properties': {'name': 'P-101'}},
                                {'id': 'x', 'class': 'Pump'}))
server('10.30.3.11', 80, get('/api/v1/health', {'model_loaded': True}), post('/api/v1/load', {'model_name': 'churn'}, {}))
server('10.30.3.12', 80, get('/status', {'config_hash': 'x', 'version': '1'}), get('/flags', {'variant_name': 'b'}))
server('10.30.3.13', 80, post('/pay', {'sum': 1}, {'extra_fields': {'provider': 'visa', 'latency': 3}}))

# What registries give: AI by its name, and names that only begin or end alike.
npm = {'User-Agent': 'npm/10.8.2 node/v20 linux x64'}
server('203.0.113.21', 80,
       *[get(path, {}, npm) for path in ('/@playwright%2fmcp', '/chrome-devtools-mcp', '/@github%2fcopilot', '/opencode-ai',
                                         '/aider', '/air', '/ai-sdk')], host='registry.npmjs.org')
server('203.0.113.22', 80,
       *[get(f'/packages/ab/cd/ef/{name}-1.2.3-py3-none-any.whl', b'PK\3\4' + bytes(80), {'User-Agent': 'pip/25.0'}, BINARY)
         for name in ('groq', 'pydantic_ai', 'tiktoken', 'mcp', 'mcp_server_git', 'mcpi', 'groqlike', 'coherent')],
       host='files.pythonhosted.org')
server('203.0.113.23', 80,
       get('/conda-forge/noarch/anthropic-0.70.0-pyhd8ed1ab_0.conda', b'PK\3\4' + bytes(80), None, BINARY),
       get('/conda-forge/noarch/requests-2.32.0-pyhd8ed1ab_0.conda', b'PK\3\4' + bytes(80), None, BINARY),
       host='conda.anaconda.org')
server('203.0.113.24', 80, get('/v2/infiniflow/ragflow/manifests/v0.20', {}), get('/v2/shop/web/manifests/v1', {}),
       host='registry-1.docker.io')
server('203.0.113.25', 80, get('/v2/nim/meta/llama-3.1-8b-instruct/manifests/1.8', {}),
       get('/v2/nvidia/k8s/dcgm-exporter/manifests/4.2', {}), host='nvcr.io')
server('203.0.113.26', 80, get('/v0.1/servers/io.github.example%2Ffiles/versions/latest', {}),
       host='registry.modelcontextprotocol.io')
server('203.0.113.27', 80, get('/v2/org/name-GGUF/manifests/Q4_K_M', {}, {'User-Agent': 'ollama/0.12.3'}), host='hf.co')

with open(sys.argv[1], 'wb') as file:
    file.write(struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1))
    for number, frame in enumerate(frames):
        file.write(struct.pack('<IIII', 1795527600 + number // 1000, number % 1000 * 1000, len(frame), len(frame)) + frame)
