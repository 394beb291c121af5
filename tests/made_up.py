"""The made-up world of events/ and its plans, read once for all the clouds that begin with them."""

from files import places
from files.yaml_model import read_model
from localcloud.world import WorldFile
from shared.domain.plans import Plans

MADE_UP_WORLD = read_model(places.WORLD, WorldFile)
MADE_UP_PLANS = read_model(places.PLANS, Plans)
