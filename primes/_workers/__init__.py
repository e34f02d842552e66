"""Big work on several workers, above the kernels: threads, processes, or an executor of the caller's.

``intervals`` cuts an interval and maps a kernel over the pieces; ``pi``, ``nth`` and ``ascending`` ask for pi(x), the
n-th prime and many answers at once; ``threads`` and ``processes`` are the workers; ``progress`` is what they tell.
"""
