"""The shared vocabulary of work: categories, subcategories, services and skills."""

from random import Random

from app.sandbox.records.profiles import Concept, Skill
from app.sandbox.seeding.words import CATEGORIES, SKILLS, slug
from app.sandbox.world import World


def grow_vocabulary(world: World, random: Random) -> None:
    """Add the categories with what is below them, and all skills."""
    for label, subcategories in CATEGORIES.items():
        category_id = world.mint.uid("category")
        children = tuple(_subcategory(world, category_id, name, below) for name, below in subcategories.items())
        world.concepts[category_id] = Concept(category_id, label, slug(label), "category", None, children)
    for label in SKILLS:
        skill_id = world.mint.uid("skill")
        world.skills[skill_id] = Skill(skill_id, label, slug(label), str(random.randrange(100, 9000)))


def categories(world: World) -> list[Concept]:
    """Give the top level of the vocabulary."""
    return [concept for concept in world.concepts.values() if concept.kind == "category"]


def _subcategory(world: World, category_id: str, label: str, services: str) -> str:
    own_id = world.mint.uid("subcategory")
    children = tuple(_service(world, own_id, name) for name in services.split(";"))
    world.concepts[own_id] = Concept(own_id, label, slug(label), "subcategory", category_id, children)
    return own_id


def _service(world: World, parent_id: str, label: str) -> str:
    own_id = world.mint.uid("service")
    world.concepts[own_id] = Concept(own_id, label, slug(label), "service", parent_id)
    return own_id
