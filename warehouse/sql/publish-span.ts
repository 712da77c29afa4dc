// The span of publish times that a statement looks in: the tables are partitioned by it.

export type PublishSpan = { readonly oldest: Date; readonly newest: Date }
