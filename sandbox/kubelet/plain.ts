/** The data of a generated API class, for objects written as literals: the same fields, at every depth, without the class. */
export type Plain<T> = T extends Date | string | number | boolean | null | undefined
	? T
	: T extends readonly (infer Element)[]
		? Plain<Element>[]
		: { [Key in keyof T]: Plain<T[Key]> };
