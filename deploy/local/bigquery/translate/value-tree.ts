// GoogleSQL's ValueProto, as far as it is translated. A value without any field is NULL.

export type Value = {
  readonly int64_value?: string
  readonly bool_value?: boolean
  readonly double_value?: number
  readonly string_value?: string
  readonly bytes_value?: Uint8Array
  readonly date_value?: number
  readonly enum_value?: number
  readonly numeric_value?: Uint8Array
  readonly json_value?: string
  readonly timestamp_value?: { readonly seconds?: string; readonly nanos?: number }
  readonly datetime_value?: {
    readonly bit_field_datetime_seconds?: string
    readonly nanos?: number
  }
  readonly time_value?: string
  readonly interval_value?: Uint8Array
  readonly array_value?: { readonly element: readonly Value[] }
  readonly struct_value?: { readonly field: readonly Value[] }
}
