package regate.main

plain := {"effect": "allow", "reasons": [], "mask": [], "labels": []}

# Nine million products, which would take seconds, and more memory with each of them.
products := [product | some x in numbers.range(1, 3000); some y in numbers.range(1, 3000); product := x * y]

decision := object.union(plain, {"labels": [sprintf("%d", [count(products)])]}) if input.message.method == "loop"

decision := plain if input.message.method != "loop"
