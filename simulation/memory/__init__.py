"""The cloud in memory: ports that keep state and follow ECS's rules."""
