#!/usr/bin/env python3
"""Validates what Gnomon writes as JSON against the schemas that others publish.

usage: schemas.py --gnomon BIN [--schemas DIR]

DIR holds eve/schema.json (Suricata), cyclonedx/bom-1.6.schema.json with its companions, ocsf/ (event
classes, objects, profiles, dictionary) and ecs/ecs_flat.yml. Events of all captures of the project
are checked, and a bill of materials. What Gnomon adds to EVE on purpose is taken out first: its own
object, event types that Suricata does not have, and members that docs/events.md lists. Exits 77,
saying so, when the schemas or the validator are not there.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '..', '..'))
SUFFIXES = ('.pcap', '.pcapng', '.pcap.gz', '.pcap.zst')
EVE_TYPES = {'flow', 'dns', 'http', 'fileinfo', 'alert', 'stats'}

failures = {}


def fail(kind, what, example):
    failures.setdefault(f'{kind}: {what}', example)


def captures():
    found = []
    for folder, _, files in os.walk(os.path.join(ROOT, 'pcaps')):
        if os.path.basename(folder) != 'shapes':
            found += [os.path.join(folder, name) for name in files if name.endswith(SUFFIXES)]
    return sorted(found)


# ---- EVE: what is ours is taken out, the rest must be Suricata's
EXTRA = {'tls': {'more_sni', 'ech'}, 'quic': {'more_sni', 'ech', 'client_alpns'},
         'http': {'request_length', 'response_length', 'request_sha256'}}


def suricata_part(event):
    event = {k: v for k, v in event.items() if k != 'gnomon'}
    for key, extra in EXTRA.items():
        if key not in event:
            continue
        event[key] = {k: v for k, v in event[key].items() if k not in extra}
        if isinstance(event[key].get('ja4'), list):
            event[key]['ja4'] = event[key]['ja4'][0]
    if event['event_type'] == 'stats':
        event.pop('stats')
    return event


# ---- OCSF: classes, objects and profiles as the schema's source has them
class Ocsf:
    def __init__(self, folder):
        self.folder = folder
        self.dictionary = json.load(open(os.path.join(folder, 'dictionary.json')))
        self.types = self.dictionary['types']['attributes']
        self.classes, self.by_name, self.objects, self.profiles = {}, {}, {}, {}
        for base, _, files in os.walk(os.path.join(folder, 'events')):
            for name in files:
                if name.endswith('.json'):
                    each = json.load(open(os.path.join(base, name)))
                    self.by_name[each['name']] = each
        for each in os.listdir(os.path.join(folder, 'objects')):
            data = json.load(open(os.path.join(folder, 'objects', each)))
            self.objects[data['name']] = data
        for each in os.listdir(os.path.join(folder, 'profiles')):
            if each.endswith('.json'):
                data = json.load(open(os.path.join(folder, 'profiles', each)))
                self.profiles[data['name']] = data
        categories = json.load(open(os.path.join(folder, 'categories.json')))['attributes']
        for name, each in self.by_name.items():
            category = self.inherited(each, 'category', self.by_name)
            if 'uid' in each and category in categories:
                self.classes[categories[category]['uid'] * 1000 + each['uid']] = name

    def inherited(self, each, key, table):
        while each:
            if key in each:
                return each[key]
            each = table.get(each.get('extends'))
        return None

    def attributes(self, name, table, profiles):
        each, chain = table[name], []
        while each:
            chain.append(each)
            each = table.get(each.get('extends'))
        merged, constraints = {}, {}
        for each in reversed(chain):
            include = each['attributes'].get('$include', [])
            for path in [include] if isinstance(include, str) else include:
                source = json.load(open(os.path.join(self.folder, path)))
                if source.get('meta') == 'profile' and source['name'] not in profiles:
                    continue
                merged.update({k: dict(v) for k, v in source['attributes'].items() if k != '$include'})
            for key, value in each['attributes'].items():
                if key == '$include':
                    continue
                enum = {**merged.get(key, {}).get('enum', {}), **value.get('enum', {})}
                merged.setdefault(key, {}).update(value)
                if enum:
                    merged[key]['enum'] = enum
            constraints = each.get('constraints', constraints)
        for profile in profiles:
            for key, value in self.profiles[profile]['attributes'].items():
                if key != '$include':
                    merged.setdefault(key, dict(value))
        return merged, constraints

    def check(self, value, name, table, profiles, path):
        attributes, constraints = self.attributes(name, table, profiles)
        for key, rule in attributes.items():
            if rule.get('requirement') == 'required' and key not in value:
                yield f'{path}: {key} is missing'
        wanted = constraints.get('at_least_one')
        if wanted and not any(key in value for key in wanted):
            yield f'{path}: none of {", ".join(wanted)}'
        for key, item in value.items():
            where = f'{path}.{key}'
            if key not in attributes:
                yield f'{where} is not in the schema'
                continue
            base = self.dictionary['attributes'].get(key, {})
            rule = {**base, **attributes[key]}
            rule['enum'] = {**base.get('enum', {}), **attributes[key].get('enum', {})}
            if key in ('class_uid', 'category_uid', 'type_uid'):
                rule['enum'] = {}  # the classes themselves say those
            items = item if rule.get('is_array') else [item]
            if rule.get('is_array') != isinstance(item, list) and rule.get('is_array'):
                yield f'{where} is no array'
                continue
            for one in items:
                yield from self.check_one(one, rule, profiles, where)

    def check_one(self, one, rule, profiles, where):
        kind = rule.get('type', '')
        kind = rule.get('object_type', kind) if kind == 'object_t' else kind
        if kind in self.objects:
            if not isinstance(one, dict):
                yield f'{where} is no object'
            elif kind != 'object':
                yield from self.check(one, kind, self.objects, profiles, where)
            return
        base = self.types.get(kind, {}).get('type', kind)
        if base in ('integer_t', 'long_t'):
            if not isinstance(one, int) or isinstance(one, bool):
                yield f'{where} is no integer'
            elif rule.get('enum') and str(one) not in rule['enum']:
                yield f'{where}: {one} is no value of it'
        elif base == 'boolean_t':
            if not isinstance(one, bool):
                yield f'{where} is no boolean'
        elif base == 'string_t':
            if not isinstance(one, str):
                yield f'{where} is no string'

    def problems(self, event):
        name = self.classes.get(event.get('class_uid'))
        if name is None:
            return [f'class {event.get("class_uid")} is unknown']
        found = list(self.check(event, name, self.by_name, event['metadata'].get('profiles', []), name))
        if event['type_uid'] != event['class_uid'] * 100 + event['activity_id']:
            found.append(f'{name}: type_uid does not follow from class and activity')
        return found


# ---- ECS: every field outside "gnomon" must be in the list of fields, and be what it says
class Ecs:
    def __init__(self, path):
        import yaml
        try:
            loader = yaml.CSafeLoader
        except AttributeError:
            loader = yaml.SafeLoader
        self.fields = yaml.load(open(path), Loader=loader)

    def problems(self, event):
        found = []

        def walk(value, path):
            field = self.fields.get(path)
            if isinstance(value, dict) and (field is None or field['type'] in ('object', 'nested', 'flattened')):
                for key, inner in value.items():
                    walk(inner, f'{path}.{key}' if path else key)
                return
            if isinstance(value, list) and value and isinstance(value[0], dict):
                for inner in value:
                    walk(inner, path)
                return
            if field is None:
                return found.append(f'{path} is not in the schema')
            is_array = 'array' in (field.get('normalize') or [])
            if is_array != isinstance(value, list):
                return found.append(f'{path}: array or not')
            for one in value if is_array else [value]:
                if field['type'] in ('long', 'integer') and not (isinstance(one, int) and not isinstance(one, bool)):
                    found.append(f'{path} is no number')
                if field['type'] in ('keyword', 'wildcard', 'ip', 'date', 'match_only_text') and not isinstance(one, str):
                    found.append(f'{path} is no text')
                allowed = [each['name'] for each in field.get('allowed_values', [])]
                if allowed and one not in allowed:
                    found.append(f'{path}: {one} is no value of it')
        walk({k: v for k, v in event.items() if k != 'gnomon'}, '')
        return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--gnomon', required=True)
    parser.add_argument('--schemas', default=os.path.join(ROOT, '..', 'shared', 'schemas'))
    options = parser.parse_args()
    gnomon, schemas = os.path.abspath(options.gnomon), options.schemas
    try:
        import jsonschema
        import yaml  # noqa: F401
    except ImportError as missing:
        print(f'skipped: {missing.name} is not installed (python3-jsonschema, python3-yaml)')
        return 77
    if not os.path.isdir(schemas):
        print(f'skipped: there are no schemas in {schemas}')
        return 77

    checked = dict.fromkeys(('eve', 'ocsf', 'ecs', 'cyclonedx'), 0)
    eve_schema = json.load(open(os.path.join(schemas, 'eve', 'schema.json')))
    eve = jsonschema.validators.validator_for(eve_schema)(eve_schema)
    ocsf = Ocsf(os.path.join(schemas, 'ocsf'))
    ecs = Ecs(os.path.join(schemas, 'ecs', 'ecs_flat.yml'))
    with tempfile.TemporaryDirectory() as folder:
        for style in ('eve', 'ocsf', 'ecs'):
            done = subprocess.run([gnomon, 'replay', '--db', f'{style}.db', '--events', f'{style}.json',
                                   '--events-format', style, *captures()], cwd=folder, capture_output=True, text=True)
            if done.returncode not in (0, 3):
                fail(style, f'replay failed with {done.returncode}', done.stderr[-500:])
                continue
            seen = set()
            for line in open(os.path.join(folder, f'{style}.json')):
                event = json.loads(line)
                if style == 'eve':
                    if event['event_type'] not in EVE_TYPES:
                        continue
                    part = suricata_part(event)
                    # One of each shape is enough: the validator is slow.
                    shape = json.dumps(part, sort_keys=True, default=str)
                    shape = (event['event_type'], tuple(sorted((k, tuple(sorted(v)) if isinstance(v, dict) else type(v).__name__)
                                                               for k, v in part.items())))
                    if shape in seen and checked['eve'] > 300:
                        continue
                    seen.add(shape)
                    for error in eve.iter_errors(part):
                        fail('eve', f'{event["event_type"]} {"/".join(map(str, error.absolute_path))}: {error.message[:200]}', line[:300])
                else:
                    for problem in (ocsf if style == 'ocsf' else ecs).problems(event):
                        fail(style, problem, line[:300])
                checked[style] += 1
        for clients in ([], ['--no-clients']):
            subprocess.run([gnomon, 'export', 'cyclonedx', '--db', 'eve.db', '-o', 'bom.json', *clients], cwd=folder, check=True)
            bom = json.load(open(os.path.join(folder, 'bom.json')))
            store = {}
            for name in ('bom-1.6.schema.json', 'spdx.schema.json', 'jsf-0.82.schema.json'):
                each = json.load(open(os.path.join(schemas, 'cyclonedx', name)))
                store[each['$id']] = each
                store['http://cyclonedx.org/schema/' + name] = each
            schema = store['http://cyclonedx.org/schema/bom-1.6.schema.json']
            resolver = jsonschema.RefResolver(schema['$id'], schema, store)
            validator = jsonschema.Draft7Validator(schema, resolver=resolver, format_checker=jsonschema.FormatChecker())
            for error in validator.iter_errors(bom):
                fail('cyclonedx', f'{"/".join(map(str, error.absolute_path))}: {error.message[:200]}', '')
            references = [each['bom-ref'] for each in bom['components'] + bom['services']]
            if len(references) != len(set(references)):
                fail('cyclonedx', 'two things have one bom-ref', '')
            for each in bom['dependencies']:
                for one in [each['ref'], *each['dependsOn']]:
                    if one not in references:
                        fail('cyclonedx', f'{one} is referred to and not there', '')
            checked['cyclonedx'] += len(references)
    for what, example in sorted(failures.items())[:40]:
        print(f'FAILED: {what}\n    {example}')
    print('checked', ', '.join(f'{number} {kind}' for kind, number in checked.items()))
    if not all(checked.values()):
        print('FAILED: nothing was checked of', [kind for kind, number in checked.items() if not number])
        return 1
    return 1 if failures else 0


if __name__ == '__main__':
    sys.exit(main())
