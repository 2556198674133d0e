"""One table of all calls: what a call of the newer Python SDKs is in the other families.

A call is named as those SDKs name it, router and method. Node's routers have the same ones in camel case, python-upwork
1.3 has its own. What an SDK cannot do, by a fault of its own or for want of a parameter, is sent as its users did: with
the client's own methods and the path.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Said:
    """One call in the words of an SDK."""

    method: str
    arguments: tuple[Any, ...] = ()
    named: dict[str, Any] = field(default_factory=dict)


#: a method that takes the same arguments, or how to say it
Saying = str | Callable[..., Said]


@dataclass(frozen=True)
class Call:
    """A call: its id in the contract, and what it is where the name is another."""

    id: str
    node: Saying
    old: Saying
    python: Saying | None = None


def named(method: str) -> Callable[..., Said]:
    """The parameters become arguments with names; two underscores were one there."""

    def say(*arguments: Any) -> Said:
        *parts, parameters = arguments
        return Said(method, tuple(parts), {name.replace("__", "_"): value for name, value in parameters.items()})

    return say


def paged(method: str) -> Callable[..., Said]:
    """As `named`, and a page is two numbers."""

    def say(parameters: dict[str, Any]) -> Said:
        rest = {name: value for name, value in parameters.items() if name != "page"}
        return Said(method, (), named(method)(rest).named | _page(parameters.get("page")))

    return say


def sought(method: str) -> Callable[..., Said]:
    """What is sought stays one mapping; the page is two numbers."""

    def say(parameters: dict[str, Any]) -> Said:
        rest = {name: value for name, value in parameters.items() if name != "paging"}
        return Said(method, (rest,), _page(parameters.get("paging")))

    return say


def _page(page: str | None) -> dict[str, int]:
    if page is None:
        return {}
    offset, count = page.split(";")
    return {"page_offset": int(offset), "page_size": int(count)}


def skills_by_path(method: str, client: str, path: str) -> Callable[..., Said]:
    """Only Python's newer SDKs can ask for a page of skills; the others' method asks for all."""

    def say(parameters: dict[str, Any]) -> Said:
        return Said(client, (path, parameters)) if parameters else Said(method)

    return say


def reasons_in_1_3(parameters: dict[str, Any]) -> Said:
    """The type is an argument that cannot be left out."""
    if "type" in parameters:
        return Said("provider.get_reasons_metadata", (parameters["type"],))
    return Said("provider.get", ("metadata/reasons", parameters))


def create_activity_in_1_3(company: str, team: str, parameters: dict[str, Any]) -> Said:
    """The address is an argument that cannot be left out."""
    return Said("task.post_team_task", (company, team), {"url": "", **parameters})


def assign_in_1_3(company: str, team: str, engagement: str, parameters: dict[str, Any]) -> Said:
    """The codes are an argument."""
    return Said("task.assign_engagement", (company, team, engagement, parameters["tasks"]))


def pay_in_1_3(team: str, parameters: dict[str, Any]) -> Said:
    """Without an amount the SDK's own check refuses, so that one is sent past it."""
    if "charge_amount" in parameters:
        return named("hr.post_team_adjustment")(team, parameters)
    return Said("hr.post", (f"teams/{team}/adjustments", parameters))


def delete_milestone(milestone: str) -> Said:
    """The router's own method fails before it sends anything, in Python as in Node."""
    return Said("client.delete", (f"/hr/v3/fp/milestones/{milestone}", {}))


def delete_milestone_in_node(milestone: str) -> Said:
    """Node's paths begin without a slash."""
    return Said("client.delete", (f"hr/v3/fp/milestones/{milestone}", {}))


def active_milestone_in_node(contract: str) -> Said:
    """The router's own method gives its callback in the place of the parameters, and OAuth 2's client dies of it."""
    return Said("client.get", (f"hr/v3/fp/milestones/statuses/active/contracts/{contract}", {}))


def batch_in_node(company: str, parameters: dict[str, Any]) -> Said:
    """A form has no lists: one that Node sends would be the same parameter again and again."""
    rooms = json.dumps(parameters["rooms"])
    return Said("messages.sendMessageToRooms", (company, parameters | {"rooms": rooms}))


BATCH = "messages.send_message_to_rooms"

CALLS: dict[str, Call] = {
    "auth.get_user_info": Call("auth/get_info", "auth.getUserInfo", "auth.get_info"),
    "organization.companies.get_list": Call(
        "organizations/list_companies", "organization/companies.getList", "hr.get_companies"
    ),
    "organization.companies.get_specific": Call(
        "organizations/get_company", "organization/companies.getSpecific", "hr.get_company"
    ),
    "organization.companies.get_teams": Call(
        "organizations/list_company_teams", "organization/companies.getTeams", "hr.get_company_teams"
    ),
    "organization.companies.get_users": Call(
        "organizations/list_company_users", "organization/companies.getUsers", "hr.get_company_users"
    ),
    "organization.teams.get_list": Call("organizations/list_teams", "organization/teams.getList", "hr.get_teams"),
    "organization.teams.get_users_in_team": Call(
        "organizations/list_team_users", "organization/teams.getUsersInTeam", "hr.get_team_users"
    ),
    "organization.users.get_my_info": Call("users/get_user", "organization/users.getMyInfo", "hr.get_user_me"),
    "organization.users.get_specific": Call("users/get_user", "organization/users.getSpecific", "hr.get_user"),
    "metadata.get_categories_v2": Call(
        "metadata/list_categories", "metadata.getCategoriesV2", "provider_v2.get_categories_metadata"
    ),
    "metadata.get_skills_v2": Call(
        "metadata/list_skills",
        skills_by_path("metadata.getSkillsV2", "client.get", "profiles/v2/metadata/skills"),
        skills_by_path("provider_v2.get_skills_metadata", "provider_v2.get", "metadata/skills"),
    ),
    "metadata.get_skills": Call("metadata/list_skills_v1", "metadata.getSkills", "provider.get_skills_metadata"),
    "metadata.get_specialties": Call(
        "metadata/list_specialties", "metadata.getSpecialties", "provider.get_specialties_metadata"
    ),
    "metadata.get_regions": Call("metadata/list_regions", "metadata.getRegions", "provider.get_regions_metadata"),
    "metadata.get_reasons": Call("metadata/list_reasons", "metadata.getReasons", reasons_in_1_3),
    "freelancers.search.find": Call(
        "profiles/search_freelancers", "freelancers/search.find", sought("provider_v2.search_providers")
    ),
    "freelancers.profile.get_specific": Call(
        "profiles/get_profile", "freelancers/profile.getSpecific", "provider.get_provider"
    ),
    "freelancers.profile.get_specific_brief": Call(
        "profiles/get_profile_brief", "freelancers/profile.getSpecificBrief", "provider.get_provider_brief"
    ),
    "jobs.search.find": Call("jobs/search_jobs", "jobs/search.find", sought("provider_v2.search_jobs")),
    "hr.jobs.get_list": Call("jobs/list_jobs", "hr/jobs.getList", paged("hr.get_jobs")),
    "hr.jobs.get_specific": Call("jobs/get_job", "hr/jobs.getSpecific", "hr.get_job"),
    "workdiary.get_workdiary": Call("workdiaries/get_work_diary", "workdiary.get", named("team_v3.get_workdiaries")),
    "workdiary.get_by_contract": Call(
        "workdiaries/get_work_diary_by_contract",
        "workdiary.getByContract",
        named("team_v3.get_workdiaries_by_contract"),
    ),
    "snapshots.get_by_contract": Call(
        "snapshots/get_snapshot_by_contract", "snapshot.getByContract", "team_v3.get_snapshot_by_contract"
    ),
    "hr.engagements.get_list": Call(
        "contracts/list_engagements", "hr/engagements.getList", paged("hr.get_engagements")
    ),
    "hr.engagements.get_specific": Call("contracts/get_engagement", "hr/engagements.getSpecific", "hr.get_engagement"),
    "messages.get_rooms": Call("messages/list_rooms", "messages.getRooms", "messages.get_rooms"),
    "messages.get_room_details": Call("messages/get_room", "messages.getRoomDetails", "messages.get_room_details"),
    "messages.get_room_messages": Call(
        "messages/list_room_stories", "messages.getRoomMessages", "messages.get_room_messages"
    ),
    "messages.get_room_by_offer": Call(
        "messages/get_room_by_offer", "messages.getRoomByOffer", "messages.get_room_by_offer"
    ),
    "messages.get_room_by_application": Call(
        "messages/get_room_by_application", "messages.getRoomByApplication", "messages.get_room_by_application"
    ),
    "messages.get_room_by_contract": Call(
        "messages/get_room_by_contract", "messages.getRoomByContract", "messages.get_room_by_contract"
    ),
    "messages.create_room": Call("messages/create_room", "messages.createRoom", "messages.create_room"),
    "messages.send_message_to_room": Call(
        "messages/send_room_message", "messages.sendMessageToRoom", "messages.send_message_to_room"
    ),
    BATCH: Call("messages/send_message_batch", batch_in_node, "no such method"),
    "messages.update_room_settings": Call(
        "messages/update_room_settings", "messages.updateRoomSettings", "messages.update_room_settings"
    ),
    "messages.update_room_metadata": Call(
        "messages/archive_or_rename_room", "messages.updateRoomMetadata", "messages.update_room_metadata"
    ),
    "activities.team.get_list": Call(
        "activities/list_team_activities", "activities/team.getList", "task.get_team_tasks"
    ),
    "activities.team.get_specific_list": Call(
        "activities/get_team_activity", "activities/team.getSpecificList", "task.get_team_specific_tasks"
    ),
    "activities.team.add_activity": Call(
        "activities/create_team_activity", "activities/team.addActivity", create_activity_in_1_3
    ),
    "activities.team.update_activities": Call(
        "activities/update_team_activity", "activities/team.updateActivity", named("task.put_team_task")
    ),
    "activities.team.archive_activities": Call(
        "activities/archive_activities", "activities/team.archiveActivity", "task.archive_team_task"
    ),
    "activities.team.unarchive_activities": Call(
        "activities/unarchive_activities", "activities/team.unarchiveActivity", "task.unarchive_team_task"
    ),
    "activities.engagement.assign": Call(
        "activities/assign_engagement_activities", "activities/engagement.assign", assign_in_1_3
    ),
    "activities.engagement.get_specific": Call(
        "activities/list_engagement_activities",
        "activities/engagement.getSpecific",
        "task_v2.list_engagement_activities",
    ),
    "hr.milestones.get_active_milestone": Call(
        "milestones/get_active_milestone", active_milestone_in_node, "hr_v3.get_active_milestone"
    ),
    "hr.milestones.create": Call(
        "milestones/create_milestone", "hr/milestones.create", named("hr_v3.create_milestone")
    ),
    "hr.milestones.edit": Call("milestones/edit_milestone", "hr/milestones.edit", named("hr_v3.edit_milestone")),
    "hr.milestones.activate": Call(
        "milestones/activate_milestone", "hr/milestones.activate", named("hr_v3.activate_milestone")
    ),
    "hr.milestones.approve": Call(
        "milestones/approve_milestone", "hr/milestones.approve", named("hr_v3.approve_milestone")
    ),
    "hr.milestones.delete": Call(
        "milestones/delete_milestone", delete_milestone_in_node, "hr_v3.delete_milestone", python=delete_milestone
    ),
    "hr.submissions.request_approval": Call(
        "submissions/submit_milestone", "hr/submissions.requestApproval", named("hr_v3.request_submission_approval")
    ),
    "hr.submissions.approve": Call(
        "submissions/approve_submission", "hr/submissions.approve", named("hr_v3.approve_submission")
    ),
    "hr.submissions.reject": Call(
        "submissions/reject_submission", "hr/submissions.reject", named("hr_v3.reject_submission")
    ),
    "payments.submit_bonus": Call("payments/make_custom_payment", "payments.submitBonus", pay_in_1_3),
}


def say(family: str, name: str, arguments: tuple[Any, ...]) -> Said:
    """A call in the words of a family: `python`, `old` or `node`."""
    call = CALLS[name]
    saying: Saying = getattr(call, family) or name
    return Said(saying, arguments) if isinstance(saying, str) else saying(*arguments)
