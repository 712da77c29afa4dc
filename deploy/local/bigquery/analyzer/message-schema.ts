// Reads the schema of GoogleSQL's messages out of the Python modules that protoc generated: the wheel has no .proto files.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type protobuf from 'protobufjs'
import descriptor from 'protobufjs/ext/descriptor/index.js'
import { z } from 'zod'

const LOCAL_SERVICE = 'zetasql/local_service/local_service.proto'
// Google's own types and the unresolved syntax tree, which is a third of the schema: no field of theirs is read here.
const isUnread = (file: string) => file.startsWith('google/') || file.endsWith('/parse_tree.proto')
const isOfUnread = (type: string | undefined) =>
  /^\.(?:google\.(?!protobuf\.Timestamp$)|zetasql\.(?:Any)?AST)/.test(type ?? '')

// google.protobuf.Timestamp, the only one of Google's own types that is read.
const TIMESTAMP: protobuf.IType = {
  fields: { seconds: { id: 1, type: 'int64' }, nanos: { id: 2, type: 'int32' } },
}

/** The schema of the local service and of all it imports, as `Root.fromJSON` of protobufjs takes it. */
export async function messageSchema(folder: string): Promise<protobuf.INamespace> {
  const root: Namespace = { nested: {} }
  const read = new Set<string>()
  const visit = async (name: string) => {
    if (isUnread(name) || read.has(name)) return
    read.add(name)
    const file = await readDescriptor(folder, name)
    const { nested } = packageOf(root, file.package.split('.'))
    for (const message of file.messageType) nested[message.name] = typeOf(message)
    for (const one of file.enumType) nested[one.name] = enumOf(one)
    for (const dependency of file.dependency) await visit(dependency)
  }
  await visit(LOCAL_SERVICE)
  packageOf(root, ['google', 'protobuf']).nested['Timestamp'] = TIMESTAMP
  return root
}

type Namespace = { readonly nested: Record<string, protobuf.AnyNestedObject> }

function packageOf(root: Namespace, [name, ...rest]: readonly string[]): Namespace {
  if (name === undefined) return root
  const found = root.nested[name]
  const inner =
    found && 'nested' in found && found.nested ? { nested: found.nested } : { nested: {} }
  root.nested[name] = inner
  return packageOf(inner, rest)
}

const enumDescriptor = z.object({
  name: z.string(),
  value: z.array(z.object({ name: z.string(), number: z.number().default(0) })).default([]),
})

const fieldDescriptor = z.object({
  name: z.string(),
  number: z.number(),
  label: z.string(),
  type: z.string(),
  typeName: z.string().optional(),
})

const messageDescriptor = z.object({
  name: z.string(),
  field: z.array(fieldDescriptor).default([]),
  enumType: z.array(enumDescriptor).default([]),
  get nestedType(): z.ZodDefault<z.ZodArray<typeof messageDescriptor>> {
    return z.array(messageDescriptor).default([])
  },
})

const fileDescriptor = z.object({
  package: z.string(),
  dependency: z.array(z.string()).default([]),
  messageType: z.array(messageDescriptor).default([]),
  enumType: z.array(enumDescriptor).default([]),
})

const typeOf = (message: z.infer<typeof messageDescriptor>): protobuf.IType => ({
  fields: Object.fromEntries(
    message.field
      .filter(({ typeName }) => !isOfUnread(typeName))
      .map((field) => [field.name, fieldOf(field)]),
  ),
  nested: Object.fromEntries([
    ...message.nestedType.map((nested) => [nested.name, typeOf(nested)]),
    ...message.enumType.map((nested) => [nested.name, enumOf(nested)]),
  ]),
})

const fieldOf = ({ number, label, type, typeName }: z.infer<typeof fieldDescriptor>) => ({
  id: number,
  type: typeName ?? type.replace('TYPE_', '').toLowerCase(),
  ...(label === 'LABEL_REPEATED' && { rule: 'repeated' }),
})

const enumOf = ({ value }: z.infer<typeof enumDescriptor>): protobuf.IEnum => ({
  values: Object.fromEntries(value.map(({ name, number }) => [name, number])),
})

async function readDescriptor(folder: string, name: string) {
  const source = await readFile(join(folder, name.replace(/\.proto$/, '_pb2.py')), 'latin1')
  const literal = /AddSerializedFile\(b'((?:[^'\\]|\\.)*)'\)/s.exec(source)?.[1]
  if (literal === undefined) throw new Error(`The generated module of ${name} has no descriptor.`)
  const { FileDescriptorProto } = descriptor
  const decoded = FileDescriptorProto.decode(bytesOf(literal))
  return fileDescriptor.parse(FileDescriptorProto.toObject(decoded, { enums: String }))
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }

// A literal of Python's bytes, as protoc writes it.
function bytesOf(literal: string) {
  const text = literal.replace(
    /\\(?:x([0-9a-f]{2})|([0-7]{1,3})|(.))/gs,
    (_, hex?: string, octal?: string, other = '') => {
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16))
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8))
      return escapes[other] ?? other
    },
  )
  return Buffer.from(text, 'latin1')
}
