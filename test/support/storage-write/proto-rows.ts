// Reads rows by the schema they were sent with, through protobufjs's own reflection.

import { protos } from '@google-cloud/bigquery-storage'
import protobuf from 'protobufjs'

type Descriptor = protos.google.protobuf.IDescriptorProto

const { Label, Type } = protos.google.protobuf.FieldDescriptorProto

/** By the number that stands for the type on the wire. */
const TYPES: Readonly<Record<string, string>> = {
  [Type.TYPE_STRING]: 'string',
  [Type.TYPE_BYTES]: 'bytes',
  [Type.TYPE_INT64]: 'int64',
  [Type.TYPE_BOOL]: 'bool',
}

export type DecodedRow = Readonly<Record<string, unknown>>

/** INTEGER and TIMESTAMP come out as decimal text, BYTES as base64; a field that was not sent is absent. */
export function rowDecoder(descriptor: Descriptor): (bytes: Uint8Array) => DecodedRow {
  const type = new protobuf.Type(descriptor.name ?? '')
  for (const { name, number, label, type: kind } of descriptor.field ?? []) {
    const known = TYPES[String(kind)]
    if (!known) throw new Error(`${name} has the type ${kind}, which no column of ours is sent as`)
    const rule = label === Label.LABEL_REPEATED ? 'repeated' : 'optional'
    type.add(new protobuf.Field(name ?? '', number ?? 0, known, rule))
  }
  new protobuf.Root().add(type).resolveAll()
  return (bytes) => type.toObject(type.decode(bytes), { longs: String, bytes: String })
}
